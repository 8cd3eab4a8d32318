//! What follows from what is on this machine.

use std::ffi::OsStr;

use hyper::Uri;
use hyper_util::client::proxy::matcher::Matcher;

use crate::launch::{Codex, Remains, TESTED};
use crate::session::{Endpoint, Environment};
use crate::usage::plural;

use super::check::{Check, Finding};

/// Whether this Codex is one that crelay is tested with.
#[must_use]
pub fn codex(codex: &Codex) -> Finding {
    let check = Check::Codex;
    let version = codex.version;
    let words = format!("{version} ({})", codex.program.display());
    if !version.is_supported() {
        return check
            .failed(format!("{words} is too old"))
            .hint("update it, or add `--install-codex` to `crelay codex` once");
    }
    if !version.takes_profile() {
        return check
            .warned(format!("{words} works in most respects"))
            .hint(format!("update it: crelay is tested with {TESTED}"));
    }
    if version > TESTED || version.is_of_source() {
        return check
            .warned(format!("{words} is newer than what crelay is tested with, {TESTED}"))
            .hint("it most likely works; else `crelay codex --install-codex` runs the tested one");
    }
    check.passed(words)
}

/// What sessions have left that did not end well.
#[must_use]
pub fn leftovers(remains: &Remains) -> Finding {
    let check = Check::Leftovers;
    if let Some(first) = remains.files.first() {
        let files = plural(remains.files.len() as u64, "file is", "files are");
        return check
            .warned(format!(
                "{files} of a session of which nothing is known any more: `{}`",
                first.display()
            ))
            .hint("remove what is called so; no session that runs needs it");
    }
    match remains.sessions {
        0 => check.passed("none"),
        dead => check
            .warned(format!(
                "{} ended without giving back what was lent",
                plural(dead, "session", "sessions")
            ))
            .hint("nothing to do: the next `crelay codex` takes it away"),
    }
}

/// Variables of which the first that is set counts, as reqwest reads them.
const PROXIES: [[&str; 2]; 3] = [
    ["HTTPS_PROXY", "https_proxy"],
    ["HTTP_PROXY", "http_proxy"],
    ["ALL_PROXY", "all_proxy"],
];

const SPARED: [&str; 2] = ["NO_PROXY", "no_proxy"];

/// Set for programs that a web server starts. A client could choose `HTTP_PROXY` there, so reqwest reads none.
const CGI: &str = "REQUEST_METHOD";

/// Through whom requests to `endpoint` go, by the variables in `environment`. What the settings of macOS say beside
/// them is not looked at.
#[must_use]
pub fn proxy(environment: &Environment, endpoint: &Endpoint) -> Finding {
    let check = Check::Proxy;
    let set = PROXIES.map(|names| value(environment, names));
    let [https, http, all] = set.each_ref().map(|set| set.as_ref().map_or("", |(_, value)| value));
    let spared = value(environment, SPARED);
    let no = spared.as_ref().map_or("", |(_, value)| value);
    let mut names = set.iter().flatten().map(|(name, _)| *name);
    let Some(first) = names.next() else {
        return check.passed("none");
    };
    if endpoint.is_loopback() {
        return check.passed("not used: the provider is on this machine");
    }
    if environment.contains_key(OsStr::new(CGI)) {
        return check
            .warned(format!("`{first}` is passed over, because `{CGI}` is set"))
            .hint(format!("unset `{CGI}`"));
    }
    let target: Uri = endpoint.base_url.as_str().parse().unwrap_or_default();
    let odd = set.iter().flatten().find(|(_, value)| {
        let alone = Matcher::builder().all(*value).build();
        alone.intercept(&target).is_none()
    });
    if let Some((name, _)) = odd {
        return check
            .warned(format!("`{name}` is no address of a proxy, and is passed over"))
            .hint(format!("write it like `{name}=http://proxy.example.com:8080`"));
    }
    let matcher = Matcher::builder().https(https).http(http).all(all).no(no).build();
    let host = endpoint.base_url.host_str().unwrap_or_default();
    match matcher.intercept(&target) {
        Some(through) => check.passed(format!("through `{}`", shown(through.uri()))),
        None if spared.is_some() => check.passed(format!("not used: `{}` spares {host}", SPARED[0])),
        None => check.passed(format!("none for {host}")),
    }
}

/// Without what lets somebody in.
fn shown(proxy: &Uri) -> String {
    let scheme = proxy.scheme_str().unwrap_or("http");
    let host = proxy.host().unwrap_or_default();
    match proxy.port_u16() {
        Some(port) => format!("{scheme}://{host}:{port}"),
        None => format!("{scheme}://{host}"),
    }
}

/// The first of `names` that is set. An empty one says that there is none, and hides the next.
fn value<'a>(environment: &'a Environment, names: [&'static str; 2]) -> Option<(&'static str, &'a str)> {
    let mut set = names.into_iter().filter_map(|name| {
        let value = environment.get(OsStr::new(name))?.to_str()?;
        Some((name, value))
    });
    set.next().filter(|(_, value)| !value.trim().is_empty())
}

#[cfg(test)]
mod tests;
