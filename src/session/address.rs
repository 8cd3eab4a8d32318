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

/// Whether the address can only be this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
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
            "http://127.0.0.1",
            "http://127.9.9.9",
            "http://[::1]",
            "http://a.localhost",
        ] {
            assert!(is(text), "{text}");
        }
        for text in [
            "http://10.0.0.1",
            "http://localhost.example",
            "http://127.0.0.1.example",
            "http://0.0.0.0",
        ] {
            assert!(!is(text), "{text}");
        }
    }
}
