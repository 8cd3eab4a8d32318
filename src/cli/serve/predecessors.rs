//! What users of codex-relay and codex-glm-proxy have in their environment: read as those programs read it, so that only
//! the command changes.

use std::str::FromStr;

use crate::cli::environment::Surroundings;
use crate::report::Report;
use crate::session::ModelMap;

use super::options::Options;

/// Where codex-relay sends requests (`CODEX_RELAY_UPSTREAM`, its help of 0.5.8).
const RELAY_ADDRESS: &str = "CODEX_RELAY_UPSTREAM";
const RELAY_KEY: &str = "CODEX_RELAY_API_KEY";
const RELAY_PORT: u16 = 4444;

/// Where codex-glm-proxy sends requests (its README, 2026-06).
const GLM_ADDRESS: &str = "GLM_API_BASE";
const GLM_KEY: &str = "GLM_API_KEY";
const GLM_PORT: u16 = 18765;
/// The plan at codex-glm-proxy's own address.
const GLM_PROVIDER: &str = "zhipu-coding-plan";

/// Keys that speak for a provider where nothing else does: the one at each program's own address.
pub(super) const KEYS: &[(&str, &str)] = &[(GLM_KEY, GLM_PROVIDER), (RELAY_KEY, "openrouter")];

/// Where requests go, as far as crelay's own words leave it open.
#[derive(Debug, Default)]
pub(super) struct Address {
    pub provider: Option<String>,
    pub base_url: Option<String>,
    pub key_env: Option<Vec<String>>,
}

/// Finds the address. What was typed counts more, and so does `CRELAY_PROVIDER`.
pub(super) fn address(options: &Options, surroundings: &Surroundings) -> Address {
    let text = |name| Some(surroundings.variable(name)?.to_string_lossy().into_owned());
    // A key for an address that has no provider.
    let bare_key = || Some(vec![RELAY_KEY.to_owned(), "CRELAY_API_KEY".to_owned()]);
    let typed = Address {
        provider: options.provider.clone(),
        base_url: options.base_url.clone(),
        key_env: None,
    };
    match (&typed.provider, &typed.base_url) {
        (Some(_), _) => return typed,
        (None, Some(_)) => {
            return Address {
                key_env: bare_key(),
                ..typed
            };
        }
        (None, None) if text("CRELAY_PROVIDER").is_some() => return typed,
        (None, None) => {}
    }
    if let Some(address) = text(RELAY_ADDRESS) {
        return Address {
            base_url: Some(address),
            key_env: bare_key(),
            ..typed
        };
    }
    match text(GLM_ADDRESS) {
        Some(address) => Address {
            provider: Some(GLM_PROVIDER.to_owned()),
            base_url: Some(address),
            key_env: Some(vec![GLM_KEY.to_owned()]),
        },
        None => typed,
    }
}

/// Whether it is codex-glm-proxy that is stood in for: the one whose key is used. It answers whatever model is asked for
/// with its own.
pub(super) fn is_glm(key: &str) -> bool {
    key == GLM_KEY
}

/// The port, and whether somebody chose it.
pub(super) fn port(options: &Options, surroundings: &Surroundings, is_glm: bool) -> Result<u16, Report> {
    if let Some(port) = options.port {
        return Ok(port);
    }
    let theirs = read(surroundings, "CODEX_RELAY_PORT", "port")?;
    let other = if is_glm {
        read(surroundings, "PROXY_PORT", "port")?
    } else {
        None
    };
    let usual = if is_glm { GLM_PORT } else { RELAY_PORT };
    Ok(theirs.or(other).unwrap_or(usual))
}

/// The value of `CODEX_RELAY_BIND`.
pub(super) fn bind(surroundings: &Surroundings) -> Result<Option<std::net::IpAddr>, Report> {
    read(surroundings, "CODEX_RELAY_BIND", "IP address")
}

/// What was typed, then what `CODEX_RELAY_MODEL_MAP` says.
pub(super) fn model_map(options: &Options, surroundings: &Surroundings) -> Result<ModelMap, Report> {
    let mut map = ModelMap::default();
    let theirs = read(surroundings, "CODEX_RELAY_MODEL_MAP", "map of models")?;
    for each in options.model_map.iter().cloned().chain(theirs) {
        map.append(each);
    }
    Ok(map)
}

fn read<T: FromStr>(surroundings: &Surroundings, name: &str, what: &str) -> Result<Option<T>, Report> {
    let Some(value) = surroundings.variable(name) else {
        return Ok(None);
    };
    let value = value.to_string_lossy();
    let wrong = |_| Report::new(format!("`{name}` holds no {what}: `{value}`"));
    value.trim().parse().map(Some).map_err(wrong)
}
