//! Addresses of providers.

use url::{Host, Url};

/// Reads an address, or says what is wrong with it, without repeating it: it may hold a password. What people copy from
/// a provider's page is taken as well: slashes at the end, and the path of the one request that is made.
pub(super) fn read(text: &str) -> Result<Url, &'static str> {
    let mut url = Url::parse(text.trim()).map_err(|_| "is no address")?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("begins with neither `https://` nor `http://`");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("holds a user or password, which would end in logs");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("has a query or fragment, and paths are appended to it");
    }
    let path = url.path().trim_end_matches('/');
    let path = path.strip_suffix("/chat/completions").unwrap_or(path);
    let path = path.trim_end_matches('/').to_owned();
    url.set_path(&path);
    Ok(url)
}

/// Reads what a variable tells of an address. That may be as little as a host or a port: what is left open is as in
/// `usual`. A server that listens everywhere is asked on this machine.
pub(super) fn complete(text: &str, usual: &Url) -> Result<Url, &'static str> {
    let text = text.trim();
    let host = usual.host_str().unwrap_or_default();
    let mut url = match (text.contains("://"), text.starts_with(':')) {
        (true, _) => read(text)?,
        (false, true) => read(&format!("{}://{host}{text}", usual.scheme()))?,
        (false, false) => read(&format!("{}://{text}", usual.scheme()))?,
    };
    let fits = "is no address";
    if !text.contains("://") && url.port().is_none() {
        url.set_port(usual.port()).map_err(|()| fits)?;
    }
    if url.path() == "/" {
        url.set_path(usual.path());
    }
    if matches!(url.host(), Some(Host::Ipv4(address)) if address.is_unspecified())
        || matches!(url.host(), Some(Host::Ipv6(address)) if address.is_unspecified())
    {
        url.set_host(Some(host)).map_err(|_| fits)?;
    }
    Ok(url)
}

/// Puts values in the place of each `{NAME}` of an address.
pub(super) fn fill<E>(template: &str, mut value: impl FnMut(&str) -> Result<String, E>) -> Result<String, E> {
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, name, after)) = rest
        .split_once('{')
        .and_then(|(before, open)| open.split_once('}').map(|(name, after)| (before, name, after)))
    {
        filled.push_str(before);
        filled.push_str(&value(name)?);
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

/// Whether the text can stand in an address as one part of a host's name.
pub(super) fn is_label(text: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    !text.is_empty() && text.len() <= 63 && text.bytes().all(is_inner) && !text.starts_with('-') && !text.ends_with('-')
}

/// Whether the address can only be this machine. A name that says so is never looked up: whoever answers such questions
/// could lead elsewhere.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            let name = name.strip_suffix('.').unwrap_or(name);
            name == "localhost" || name.ends_with(".localhost")
        }
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.to_canonical().is_loopback(),
        None => false,
    }
}

/// Whether both lead to the same server.
pub(super) fn is_same_host(one: &Url, other: &Url) -> bool {
    one.host() == other.host() && one.port_or_known_default() == other.port_or_known_default()
}

/// Host and port as people write them.
pub(super) fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_ends_where_paths_are_appended() {
        let reads = |text| read(text).unwrap().to_string();
        assert_eq!(reads("https://a.example/v1"), "https://a.example/v1");
        assert_eq!(reads(" https://a.example/v1// "), "https://a.example/v1");
        assert_eq!(reads("https://a.example/v1/chat/completions"), "https://a.example/v1");
        assert_eq!(reads("https://a.example/v1/chat/completions/"), "https://a.example/v1");
        assert_eq!(reads("http://localhost:8000"), "http://localhost:8000/");
        assert_eq!(reads("http://[::1]:8000/v1"), "http://[::1]:8000/v1");
    }

    #[test]
    fn what_a_variable_leaves_open_is_as_usual() {
        let usual = Url::parse("http://localhost:11434/v1").unwrap();
        let completes = |text| complete(text, &usual).map(|url| url.to_string());
        for (text, whole) in [
            ("10.0.0.5", "http://10.0.0.5:11434/v1"),
            ("box:8080", "http://box:8080/v1"),
            (":8080", "http://localhost:8080/v1"),
            ("0.0.0.0", "http://localhost:11434/v1"),
            ("http://[::]:8080", "http://localhost:8080/v1"),
            ("[::1]:8080", "http://[::1]:8080/v1"),
            ("https://box.example", "https://box.example/v1"),
            ("https://box.example/ollama/v1/", "https://box.example/ollama/v1"),
        ] {
            assert_eq!(completes(text), Ok(whole.to_owned()), "{text}");
        }
        for text in ["", "ftp://box", "me:secret@box", "a b"] {
            assert!(completes(text).is_err(), "{text}");
        }
    }

    #[test]
    fn values_stand_where_their_names_stood() {
        let known = |name: &str| {
            if name == "A" {
                Ok("x".to_owned())
            } else {
                Err(name.to_owned())
            }
        };
        assert_eq!(fill("https://{A}.b/{A}", known), Ok("https://x.b/x".to_owned()));
        assert_eq!(fill("https://b", known), Ok("https://b".to_owned()));
        assert_eq!(fill("https://{B}", known), Err("B".to_owned()));
        for (text, is) in [
            ("my-resource", true),
            ("", false),
            ("-a", false),
            ("a.b", false),
            ("a/b", false),
        ] {
            assert_eq!(is_label(text), is, "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "api.example.com/v1",
            "localhost:8000/v1",
            "ftp://a.example",
            "https://me:secret@a.example/v1",
            "https://me@a.example/v1",
            "https://a.example/v1?key=secret",
            "https://a.example/v1#secret",
            "https://",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn only_this_machine_is_loopback() {
        let is = |text| is_loopback(&Url::parse(text).unwrap());
        for text in [
            "http://localhost:1",
            "http://LOCALHOST",
            "http://localhost.",
            "http://a.localhost",
            // Written with letters that mean the same.
            "http://ⓛocalhost",
            "http://127.0.0.1",
            "http://127.9.9.9",
            "http://127.1",
            "http://0x7f.1",
            "http://2130706433",
            "http://127。0。0。1",
            "http://[::1]",
            "http://[0:0:0:0:0:0:0:1]",
            "http://[::ffff:127.0.0.1]",
        ] {
            assert!(is(text), "{text}");
        }
        for text in [
            "http://10.0.0.1",
            "http://128.1",
            "http://0.0.0.0",
            "http://[::]",
            "http://[::2]",
            "http://[::ffff:10.0.0.1]",
            "http://localhost.example",
            "http://localhost.example.",
            "http://notlocalhost",
            "http://.localhost.example",
            "http://127.0.0.1.example",
            "http://127.0.0.1.nip.io",
            "http://1.0.0.127.in-addr.arpa",
            // A Cyrillic letter.
            "http://lоcalhost",
            "http://evil.example\\@127.0.0.1",
            "http://localhost:80@evil.example",
            "http://localhost%2eevil.example",
        ] {
            assert!(!is(text), "{text}");
        }
    }
}
