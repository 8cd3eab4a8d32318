//! Who may speak to the relay, and that no web page does. All of it is decided on the head of a request, before its
//! body is read.

use std::net::IpAddr;

use hyper::HeaderMap;
use hyper::header::{AUTHORIZATION, HOST, ORIGIN};
use hyper::http::request::Parts;
use hyper::http::uri::Authority;
use subtle::ConstantTimeEq;

use crate::session::Secret;

use super::refusal::Refusal;

/// Who may speak to a relay.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Access {
    /// The Codex of this session: whoever shows its token and calls us by one of loopback's names.
    #[default]
    Session,
    /// Whoever shows the token, under whichever name we are known: a name tells nothing about who has a token, and load
    /// balancers make up their own.
    Token,
    /// Every program on this machine: whoever calls us by one of loopback's names.
    Machine,
}

/// Admits whoever is no web page, and does not call us by a foreign name, which a page may have pointed at 127.0.0.1,
/// unless a token will be asked for under any name.
pub fn admit_anyone(head: &Parts, access: Access) -> Result<(), Refusal> {
    if head.headers.contains_key(ORIGIN) {
        return Err(Refusal::Origin);
    }
    if access == Access::Token {
        return Ok(());
    }
    let named = host(&head.headers).is_some_and(|host| is_loopback(&host));
    if !named || head.uri.authority().is_some_and(|authority| !is_loopback(authority)) {
        return Err(Refusal::Host);
    }
    Ok(())
}

/// Admits whoever shows `token`, where one is asked for.
pub fn admit_client(head: &Parts, access: Access, token: &Secret) -> Result<(), Refusal> {
    let refusal = match access {
        Access::Machine => return Ok(()),
        Access::Session => Refusal::Token,
        Access::Token => Refusal::Bearer,
    };
    let shown = bearer(&head.headers).ok_or(refusal)?;
    let same: bool = shown.as_bytes().ct_eq(token.expose().as_bytes()).into();
    if !same || token.expose().is_empty() {
        return Err(refusal);
    }
    Ok(())
}

/// The one `Host` of a request; two of them are none.
fn host(headers: &HeaderMap) -> Option<Authority> {
    let mut hosts = headers.get_all(HOST).iter();
    let host = hosts.next()?;
    if hosts.next().is_some() {
        return None;
    }
    Authority::try_from(host.as_bytes()).ok()
}

/// A literal address is nobody's to point elsewhere, unlike a name; `--bind` may choose any of loopback's.
fn is_loopback(authority: &Authority) -> bool {
    let host = authority.host();
    let has_user = authority.as_str().contains('@');
    let literal = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(host);
    let is_literal = literal
        .parse()
        .is_ok_and(|address: IpAddr| address.to_canonical().is_loopback());
    !has_user && (is_literal || host.eq_ignore_ascii_case("localhost"))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::Request;

    const GUARDED: [Access; 2] = [Access::Session, Access::Machine];

    fn head(uri: &str, headers: &[(&str, &str)]) -> Parts {
        let mut request = Request::builder().uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn loopback_is_known_by_its_name_and_its_addresses() {
        for host in [
            "127.0.0.1",
            "127.0.0.1:80",
            "localhost:4000",
            "LOCALHOST",
            "[::1]",
            "[::1]:9",
            "127.0.0.2:4444",
            "[::ffff:127.0.0.1]:4444",
        ] {
            for access in GUARDED {
                let head = head("/", &[("host", host)]);
                assert_eq!(admit_anyone(&head, access), Ok(()), "{host}");
            }
        }
        for host in [
            "evil.test",
            "127.0.0.1.evil.test",
            "localhost.evil.test:80",
            "a@127.0.0.1",
            "",
            "0.0.0.0",
            "127.1",
            "2130706433",
            "localhost.",
            "[::]:80",
            "::1",
        ] {
            for access in GUARDED {
                let head = head("/", &[("host", host)]);
                assert_eq!(admit_anyone(&head, access), Err(Refusal::Host), "{host}");
            }
        }
        assert_eq!(admit_anyone(&head("/", &[]), Access::Machine), Err(Refusal::Host));
        let twice = [("host", "localhost"), ("host", "evil.test")];
        assert_eq!(admit_anyone(&head("/", &twice), Access::Machine), Err(Refusal::Host));
        let proxied = head("http://evil.test/health", &[("host", "localhost")]);
        assert_eq!(admit_anyone(&proxied, Access::Machine), Err(Refusal::Host));
    }

    #[test]
    fn a_web_page_is_refused_whatever_its_origin() {
        for origin in ["http://evil.test", "http://127.0.0.1", "null", ""] {
            let page = head("/", &[("host", "127.0.0.1"), ("origin", origin)]);
            for access in [Access::Session, Access::Machine, Access::Token] {
                assert_eq!(admit_anyone(&page, access), Err(Refusal::Origin), "{origin}");
            }
        }
    }

    #[test]
    fn only_the_whole_token_opens() {
        let token = Secret::new("0123456789abcdef");
        let shown = |value: &str| {
            let head = head("/", &[("authorization", value)]);
            admit_client(&head, Access::Session, &token)
        };
        assert_eq!(shown("Bearer 0123456789abcdef"), Ok(()));
        assert_eq!(shown("bearer 0123456789abcdef"), Ok(()));
        for wrong in [
            "Bearer 0123456789abcde",
            "Bearer 0123456789abcdef0",
            "Bearer ",
            "Bearer",
            "0123456789abcdef",
        ] {
            assert_eq!(shown(wrong), Err(Refusal::Token), "{wrong}");
        }
        assert_eq!(shown("Basic 0123456789abcdef"), Err(Refusal::Token));
        assert_eq!(
            admit_client(&head("/", &[]), Access::Session, &token),
            Err(Refusal::Token)
        );
    }

    #[test]
    fn an_empty_token_opens_nothing() {
        let head = head("/", &[("authorization", "Bearer ")]);
        assert_eq!(
            admit_client(&head, Access::Session, &Secret::new("")),
            Err(Refusal::Token)
        );
        assert_eq!(
            admit_client(&head, Access::Token, &Secret::new("")),
            Err(Refusal::Bearer)
        );
    }

    #[test]
    fn a_server_with_a_token_goes_by_any_name_and_one_without_asks_for_none() {
        let token = Secret::new("0123456789abcdef");
        let named = head(
            "/",
            &[("host", "relay.test"), ("authorization", "Bearer 0123456789abcdef")],
        );
        assert_eq!(admit_anyone(&named, Access::Token), Ok(()));
        assert_eq!(admit_client(&named, Access::Token, &token), Ok(()));
        let stranger = head("/", &[("host", "127.0.0.1"), ("authorization", "Bearer sk-other")]);
        assert_eq!(admit_client(&stranger, Access::Token, &token), Err(Refusal::Bearer));
        assert_eq!(admit_client(&stranger, Access::Machine, &token), Ok(()));
    }
}
