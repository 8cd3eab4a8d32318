use std::ffi::OsString;
use std::path::PathBuf;

use super::*;
use crate::doctor::Verdict;
use crate::session::Authorities;

fn endpoint(address: &str) -> Endpoint {
    Endpoint {
        provider: "x".into(),
        provider_name: "X".into(),
        base_url: address.parse().unwrap(),
        responses_url: None,
        key: None,
        key_origin: None,
        headers: Vec::new(),
        authorities: Authorities::default(),
        console: None,
        tells_cost: false,
        dialect: String::new(),
    }
}

fn asked(address: &str, variables: &[(&str, &str)]) -> Finding {
    let variables = variables.iter();
    let environment: Environment = variables
        .map(|(name, value)| (OsString::from(name), OsString::from(value)))
        .collect();
    proxy(&environment, &endpoint(address))
}

#[test]
fn a_proxy_is_told_as_the_client_takes_it() {
    let at = "https://api.x.test/v1";
    for (variables, words) in [
        (&[][..], "none"),
        (
            &[("HTTPS_PROXY", "http://me:secret@p.test:3128")],
            "through `http://p.test:3128`",
        ),
        (&[("https_proxy", "p.test:3128")], "through `http://p.test:3128`"),
        (&[("ALL_PROXY", "socks5h://p.test")], "through `socks5h://p.test`"),
        (
            &[("HTTPS_PROXY", "http://a.test"), ("ALL_PROXY", "http://b.test")],
            "through `http://a.test`",
        ),
        (&[("HTTP_PROXY", "http://p.test")], "none for api.x.test"),
        (
            &[("HTTPS_PROXY", "http://p.test"), ("NO_PROXY", "x.test")],
            "not used: `NO_PROXY` spares api.x.test",
        ),
        (&[("HTTPS_PROXY", ""), ("https_proxy", "http://p.test")], "none"),
    ] {
        assert_eq!(asked(at, variables), Check::Proxy.passed(words), "{variables:?}");
    }
    assert_eq!(
        asked("http://localhost:8000/v1", &[("ALL_PROXY", "http://p.test")]),
        Check::Proxy.passed("not used: the provider is on this machine")
    );
}

#[test]
fn a_proxy_that_is_passed_over_is_told() {
    let at = "https://api.x.test/v1";
    let odd = asked(at, &[("HTTPS_PROXY", "http://p.test"), ("http_proxy", "http://")]);
    assert_eq!(odd.verdict, Verdict::Warned);
    assert_eq!(odd.words, "`http_proxy` is no address of a proxy, and is passed over");
    assert_eq!(
        odd.hint.as_deref(),
        Some("write it like `http_proxy=http://proxy.example.com:8080`")
    );
    let cgi = asked(at, &[("HTTPS_PROXY", "http://p.test"), ("REQUEST_METHOD", "GET")]);
    assert_eq!(
        cgi.words,
        "`HTTPS_PROXY` is passed over, because `REQUEST_METHOD` is set"
    );
}

#[test]
fn what_is_left_behind_is_told_by_whether_anybody_takes_it_away() {
    let remains = |sessions, files: &[&str]| Remains {
        sessions,
        files: files.iter().map(PathBuf::from).collect(),
    };
    assert_eq!(leftovers(&remains(0, &[])), Check::Leftovers.passed("none"));
    assert_eq!(
        leftovers(&remains(2, &[])),
        Check::Leftovers
            .warned("2 sessions ended without giving back what was lent")
            .hint("nothing to do: the next `crelay codex` takes it away")
    );
    assert_eq!(
        leftovers(&remains(1, &["/a", "/b"])),
        Check::Leftovers
            .warned("2 files are of a session of which nothing is known any more: `/a`")
            .hint("remove what is called so; no session that runs needs it")
    );
}
