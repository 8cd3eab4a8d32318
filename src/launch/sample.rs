//! A session and its folders, for tests of this room and of those that know sessions.

use std::path::Path;

use crate::session::{
    Authorities, Effort, Endpoint, Folders, Host, Model, ModelMap, Search, Secret, Session, Unlisted,
};

fn endpoint() -> Endpoint {
    Endpoint {
        provider: "deepseek".into(),
        provider_name: "DeepSeek".into(),
        base_url: "https://api.deepseek.com".parse().unwrap(),
        responses_url: None,
        key: Some(Secret::new("sk-secret")),
        key_origin: None,
        headers: Vec::new(),
        authorities: Authorities::default(),
        console: None,
        tells_cost: false,
        dialect: String::new(),
    }
}

/// A session with DeepSeek and two of its models.
pub fn session() -> Session {
    let model = Model {
        id: "deepseek-chat".into(),
        further: None,
        name: "DeepSeek Chat".into(),
        context_window: Some(128_000),
        max_output: Some(8_000),
        vision: false,
        efforts: vec![Effort::Low, Effort::High, Effort::Xhigh, Effort::Max],
        default_effort: Some(Effort::High),
        price: None,
        is_usable: true,
        origins: Default::default(),
        dialect: Default::default(),
    };
    let other = Model {
        id: "deepseek-vision".into(),
        name: "DeepSeek Vision".into(),
        context_window: None,
        vision: true,
        efforts: Vec::new(),
        default_effort: None,
        ..model.clone()
    };
    Session {
        id: "0123abcd".into(),
        main: Host {
            names: vec!["deepseek".into()],
            endpoint: endpoint(),
            range: Default::default(),
            others: vec![other],
            is_offered: true,
            patience: Default::default(),
        },
        further: Vec::new(),
        fallbacks: Vec::new(),
        asked: model.id.clone(),
        model,
        model_map: ModelMap::default(),
        deputies: Default::default(),
        unlisted: Unlisted::ByOwn,
        absent: None,
        model_is_explicit: false,
        model_is_remembered: false,
        search: Search::Off,
        token: Secret::new("token-of-this-run"),
        max_request: 64 << 20,
        hidden_env: vec!["DEEPSEEK_API_KEY".into()],
    }
}

/// All folders of a run, beneath `base`; none of them is there.
pub fn folders(base: &Path) -> Folders {
    let [config, state, cache, data, runtime, codex_home] =
        ["config", "state", "cache", "data", "run", "codex"].map(|name| base.join(name));
    Folders {
        config,
        state,
        cache,
        data,
        runtime,
        codex_home,
    }
}

/// Puts a script at `path` that can be run. Another process writes it: a file that this one had open for writing cannot
/// be run while a child of a test beside still holds what it inherited.
pub fn program(path: &Path, script: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let source = path.with_extension("source");
    std::fs::write(&source, script).unwrap();
    let status = std::process::Command::new("install")
        .args(["-m", "755"])
        .arg(&source)
        .arg(path)
        .status()
        .unwrap();
    assert!(status.success());
    std::fs::remove_file(source).unwrap();
}
