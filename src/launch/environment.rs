//! The variables that Codex gets.

use std::ffi::{OsStr, OsString};

use crate::session::{Environment, Session};

use super::command_line::TOKEN_VARIABLE;
use super::find::Codex;

/// Hosts that never go through a proxy: with `HTTP_PROXY` alone, Codex would send even the loopback request, and with
/// it the token, through the proxy.
const LOOPBACK: [&str; 3] = ["127.0.0.1", "localhost", "::1"];

/// What Codex gets: `given` without the provider's key, with the token, and with the loopback spared from proxies.
#[must_use]
pub fn for_codex(codex: &Codex, session: &Session, given: &Environment) -> Environment {
    let mut environment = codex.environment(given);
    for hidden in &session.hidden_env {
        environment.remove(OsStr::new(hidden));
    }
    spare_loopback(&mut environment);
    environment.insert(TOKEN_VARIABLE.into(), session.token.expose().into());
    environment
}

/// Both spellings are written, because programs differ in which they read first; a spelling that the user left out
/// starts as a copy of the other.
fn spare_loopback(environment: &mut Environment) {
    let upper = environment.get(OsStr::new("NO_PROXY")).cloned();
    let lower = environment.get(OsStr::new("no_proxy")).cloned();
    let spared_upper = with_loopback(upper.as_deref().or(lower.as_deref()));
    let spared_lower = with_loopback(lower.as_deref().or(upper.as_deref()));
    environment.insert("NO_PROXY".into(), spared_upper);
    environment.insert("no_proxy".into(), spared_lower);
}

fn with_loopback(value: Option<&OsStr>) -> OsString {
    let mut spared = value.unwrap_or_default().to_owned();
    let text = spared.to_string_lossy().into_owned();
    let entries: Vec<&str> = text.split(',').map(str::trim).collect();
    if entries.contains(&"*") {
        return spared;
    }
    for host in LOOPBACK.into_iter().filter(|host| !entries.contains(host)) {
        if !spared.is_empty() {
            spared.push(",");
        }
        spared.push(host);
    }
    spared
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spared(variables: &[(&str, &str)]) -> (String, String) {
        let mut environment: Environment = variables
            .iter()
            .map(|(name, value)| (OsString::from(name), OsString::from(value)))
            .collect();
        spare_loopback(&mut environment);
        let read = |name: &str| environment[OsStr::new(name)].to_str().unwrap().to_owned();
        (read("NO_PROXY"), read("no_proxy"))
    }

    #[test]
    fn the_loopback_is_spared_in_both_spellings() {
        let all = "127.0.0.1,localhost,::1".to_owned();
        assert_eq!(spared(&[]), (all.clone(), all));
    }

    #[test]
    fn what_the_user_spares_stays_spared() {
        let (upper, lower) = spared(&[("NO_PROXY", "a.corp"), ("no_proxy", "localhost, b.corp")]);
        assert_eq!(upper, "a.corp,127.0.0.1,localhost,::1");
        assert_eq!(lower, "localhost, b.corp,127.0.0.1,::1");
        let (upper, lower) = spared(&[("no_proxy", "b.corp")]);
        assert_eq!(upper, "b.corp,127.0.0.1,localhost,::1");
        assert_eq!(upper, lower);
    }

    #[test]
    fn a_user_without_any_proxy_keeps_the_star() {
        assert_eq!(spared(&[("NO_PROXY", "*")]), ("*".into(), "*".into()));
    }
}
