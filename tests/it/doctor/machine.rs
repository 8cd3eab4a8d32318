//! What is found on the machine: Codex, configuration, what was left behind, proxies, and the key.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::{Diagnosis, Patient};
use crate::kit::{Provider, Rules};
use crate::launch::faults::bound;

/// The checks for which somebody would be asked.
const ASKED: [&str; 9] = [
    "key_accepted",
    "balance",
    "model",
    "streaming",
    "tool_call",
    "tool_result",
    "parallel_calls",
    "image",
    "json_schema",
];

/// Somebody who has no key, so that nobody is asked.
fn keyless() -> Patient {
    Patient::new()
}

fn without_key(patient: &Patient) -> std::process::Command {
    let mut command = patient.doctor(&["--json"]);
    command.env_remove("DEEPSEEK_API_KEY");
    command
}

#[test]
fn each_codex_is_told_by_its_version() {
    let patient = keyless();
    let program = patient.fake.program().display().to_string();
    for (version, verdict, words) in [
        ("0.117.9", "failed", "is too old"),
        ("0.118.0", "warned", "works in most respects"),
        ("0.134.0", "passed", ""),
        ("0.169.0", "passed", ""),
        (
            "0.170.0-alpha.1",
            "warned",
            "is newer than what crelay is tested with, 0.169.0",
        ),
    ] {
        let diagnosis = Diagnosis::of(without_key(&patient).env("FAKE_VERSION", version));
        let number = version.split('-').next().unwrap();
        let words = format!("{number} ({program}) {words}");
        let check = diagnosis.check("codex");
        assert_eq!(
            (check["verdict"].as_str(), check["words"].as_str()),
            (Some(verdict), Some(words.trim()))
        );
        assert_eq!(check["hint"].is_null(), verdict == "passed");
        assert_eq!(diagnosis.document["codex"]["version"], number);
    }
    let missing = Diagnosis::of(without_key(&patient).args(["--codex", "/nowhere/codex"]));
    missing.says(
        "codex",
        "failed",
        "there is no Codex at `/nowhere/codex` (`--codex`)",
        Some("correct `--codex`, or leave it out to search `PATH`"),
    );
    assert!(missing.document["codex"].is_null());
    let mut command = without_key(&patient);
    let nowhere = Diagnosis::of(
        command
            .env_remove("CRELAY_CODEX")
            .env("PATH", patient.fake.home.project()),
    );
    let hint =
        "`crelay codex --install-codex` installs one for crelay alone, `npm install -g @openai/codex` one for all";
    nowhere.says("codex", "failed", "Codex was not found", Some(hint));
}

#[test]
fn without_a_key_what_needs_one_is_not_looked_at() {
    let patient = keyless();
    let diagnosis = Diagnosis::of(&mut without_key(&patient));
    assert_eq!(diagnosis.code, 1);
    diagnosis.says(
        "key",
        "failed",
        "no API key for `deepseek`",
        Some("set `DEEPSEEK_API_KEY` or run `crelay auth set deepseek`"),
    );
    diagnosis.all_are(
        "passed",
        &["codex", "configuration", "leftovers", "folders", "provider", "proxy"],
    );
    diagnosis.all_are("unchecked", &ASKED);
    assert_eq!(diagnosis.check("streaming")["words"], "not checked: there is no key");
    assert_eq!(diagnosis.document["provider"]["id"], "deepseek");
    assert_eq!(patient.asked(), 0);
}

#[test]
fn a_key_that_is_refused_ends_the_examination() {
    let patient = Patient::new();
    let diagnosis = Diagnosis::of(
        patient
            .doctor(&["--json"])
            .env("DEEPSEEK_API_KEY", "sk-wrong-0123456789"),
    );
    assert_eq!(diagnosis.code, 1);
    diagnosis.all_are("failed", &["key_accepted"]);
    diagnosis.all_are("unchecked", &ASKED[1..]);
    let words = diagnosis.check("key_accepted")["words"].as_str().unwrap();
    assert!(
        words.ends_with("Check the key; it came from `DEEPSEEK_API_KEY`"),
        "{words}"
    );
    assert!(
        !diagnosis.document.to_string().contains("sk-wrong"),
        "{:#}",
        diagnosis.document
    );
    assert_eq!(patient.asked(), 0);
}

#[test]
fn a_key_that_cannot_be_read_is_told() {
    let patient = Patient::new();
    let diagnosis = patient.diagnose(&["--key-file", "/nowhere/key"]);
    assert_eq!(diagnosis.code, 1);
    diagnosis.all_are("failed", &["key"]);
    diagnosis.all_are("unchecked", &ASKED);
    let file = patient.fake.home.path().join("key");
    fs::write(&file, "sk-wrong-0123456789\n").unwrap();
    // Only through folders that are open is a file open to all.
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    fs::set_permissions(patient.fake.home.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let diagnosis = patient.diagnose(&["--key-file", file.to_str().unwrap()]);
    diagnosis.all_are("warned", &["key"]);
    let words = diagnosis.check("key")["words"].as_str().unwrap();
    assert!(
        words.ends_with("…6789; every user of this machine can read it"),
        "{words}"
    );
}

#[test]
fn who_is_meant_must_be_known() {
    let patient = Patient::new();
    for (words, told) in [
        (&["-P", "deepsek"][..], "there is no provider `deepsek` (`--provider`)"),
        (&[], "no provider was named, and no key tells which"),
    ] {
        let mut command = patient.fake.home.crelay();
        command
            .args(["doctor", "--json", "--codex"])
            .arg(patient.fake.program());
        let diagnosis = Diagnosis::of(command.args(words));
        assert_eq!(diagnosis.code, 1);
        let check = diagnosis.check("provider");
        assert_eq!(
            (check["verdict"].as_str(), check["words"].as_str()),
            (Some("failed"), Some(told))
        );
        assert!(check["hint"].is_string());
        diagnosis
            .all_are("unchecked", &["proxy", "key"])
            .all_are("unchecked", &ASKED);
        assert!(diagnosis.document["provider"].is_null());
    }
}

#[test]
fn a_broken_configuration_comes_first() {
    let patient = Patient::new();
    for config in ["default_provder = \"x\"\n", "default_provider = \"nobody\"\n"] {
        patient.configure(config);
        let diagnosis = patient.diagnose(&[]);
        assert_eq!(diagnosis.code, 1);
        diagnosis
            .all_are("failed", &["configuration"])
            .all_are("passed", &["codex", "leftovers", "folders"]);
        diagnosis
            .all_are("unchecked", &["provider", "proxy", "key"])
            .all_are("unchecked", &ASKED);
        let words = diagnosis.check("configuration")["words"].as_str().unwrap();
        assert!(words.contains("default_prov"), "{words}");
    }
}

#[test]
fn what_sessions_left_is_told_and_left_alone() {
    let patient = keyless();
    let home = &patient.fake.home;
    let records = home.path().join("state/crelay/sessions");
    fs::create_dir_all(&records).unwrap();
    for folder in [
        home.path().join("state"),
        home.path().join("state/crelay"),
        records.clone(),
    ] {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).unwrap();
    }
    fs::write(records.join("0000000b"), "{}").unwrap();
    let dead = Diagnosis::of(&mut without_key(&patient));
    dead.says(
        "leftovers",
        "warned",
        "1 session ended without giving back what was lent",
        Some("nothing to do: the next `crelay codex` takes it away"),
    );
    assert!(records.join("0000000b").exists());
    let orphan = home.codex().join("crelay-0000000c.config.toml");
    fs::write(&orphan, "").unwrap();
    let words = format!(
        "1 file is of a session of which nothing is known any more: `{}`",
        orphan.display()
    );
    let hint = "remove what is called so; no session that runs needs it";
    Diagnosis::of(&mut without_key(&patient)).says("leftovers", "warned", &words, Some(hint));
    fs::remove_file(orphan).unwrap();
}

#[test]
fn proxies_are_told_as_they_are_taken() {
    let patient = Patient::new();
    // Whoever is asked is asked through a port where nobody listens.
    let asked = |variables: &[(&str, &str)]| {
        let mut command = patient.doctor(&["--json", "--base-url", "https://provider.test/v1"]);
        command.env("HTTPS_PROXY", "http://me:secret@127.0.0.1:1");
        Diagnosis::of(command.envs(variables.iter().copied()))
    };
    let through = asked(&[]);
    through.says("proxy", "passed", "through `http://127.0.0.1:1`", None);
    through
        .all_are("failed", &["key_accepted"])
        .all_are("unchecked", &ASKED[1..]);
    assert!(
        !through.document.to_string().contains("secret"),
        "{:#}",
        through.document
    );
    let odd = asked(&[("http_proxy", "http://")]);
    odd.says(
        "proxy",
        "warned",
        "`http_proxy` is no address of a proxy, and is passed over",
        Some("write it like `http_proxy=http://proxy.example.com:8080`"),
    );
}

#[test]
fn a_server_of_this_machine_that_does_not_run_is_told() {
    let patient = Patient::new();
    let mut command = patient.fake.home.crelay();
    command.args([
        "doctor",
        "--json",
        "-P",
        "vllm",
        "-m",
        "x",
        "--base-url",
        "http://127.0.0.1:1/v1",
    ]);
    let diagnosis = Diagnosis::of(
        command
            .env("CRELAY_CODEX", patient.fake.program())
            .env("ALL_PROXY", "http://p.test"),
    );
    assert_eq!(diagnosis.code, 1);
    diagnosis
        .says("proxy", "passed", "not used: the provider is on this machine", None)
        .says("key", "passed", "none is needed", None)
        .says(
            "model",
            "failed",
            "nothing listens at 127.0.0.1:1: is the server running?",
            None,
        );
    diagnosis.all_are("unchecked", &ASKED[3..]);
}

#[test]
fn options_mean_what_they_mean_to_a_session() {
    let provider = Provider::start(Rules::GENERIC);
    let key = provider.key().to_owned();
    let patient = Patient::with(provider);
    patient.to(super::COUNT, [crate::kit::refuse(400, "no")]);
    let file = patient.fake.home.path().join("key");
    fs::write(&file, key).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let mut command = patient.fake.home.crelay();
    command.args([
        "doctor",
        "--json",
        "--base-url",
        patient.provider.base_url(),
        "-m",
        patient.provider.rules().model,
    ]);
    command
        .args(["--no-heal=dsml", "--key-file"])
        .arg(&file)
        .env("CRELAY_CODEX", patient.fake.program());
    let diagnosis = Diagnosis::of(&mut command);
    diagnosis.all_are("passed", &["key", "model"]);
    diagnosis.all_are("unchecked", &["key_accepted", "balance"]);
    let healers = diagnosis.document["provider"]["healers"].as_array().unwrap();
    assert!(
        !healers.contains(&"dsml".into()) && healers.contains(&"think".into()),
        "{healers:?}"
    );
    assert_eq!(patient.asked(), 1);
}

#[test]
fn a_folder_that_a_session_cannot_write_is_told_and_nothing_is_made() {
    let patient = keyless();
    let home = patient.fake.home.path();
    let folder = home.join("closed");
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o500)).unwrap();
    for (variable, verb, path) in [
        ("CODEX_HOME", "write in", folder.clone()),
        ("XDG_STATE_HOME", "create", folder.join("crelay")),
    ] {
        let mut command = without_key(&patient);
        command.env(variable, &folder);
        let diagnosis = Diagnosis::of(&mut bound(&patient.fake, &command));
        assert_eq!(diagnosis.code, 1);
        let words = format!("cannot {verb} `{}`: permission denied", path.display());
        let hint = format!("let this user write there, or set `{variable}` to another folder");
        diagnosis.says("folders", "failed", &words, Some(&hint));
    }
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
    let named = home.join("absent");
    let absent = Diagnosis::of(without_key(&patient).env("CODEX_HOME", &named));
    absent.all_are("failed", &["folders"]);
    assert!(!named.exists());
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
}

#[test]
fn a_server_whose_model_nobody_named_is_asked_which_it_has() {
    let list = r#"{"data":[{"id":"one"},{"id":"two"}]}"#;
    let patient = Patient::with(Provider::start(Rules::GENERIC).telling("/v1/models", 200, list));
    let base_url = patient.provider.base_url();
    let ask = |base_url: &str| {
        let mut command = patient.fake.home.crelay();
        command.args(["doctor", "--json", "--base-url", base_url]);
        command
            .env("CRELAY_CODEX", patient.fake.program())
            .env("CRELAY_API_KEY", patient.provider.key());
        Diagnosis::of(&mut command)
    };
    let diagnosis = ask(base_url);
    assert_eq!(diagnosis.code, 1);
    diagnosis.says("provider", "passed", base_url, None);
    let words = format!(
        "no model was named, and crelay knows none for {}",
        base_url.trim_start_matches("http://").trim_end_matches("/v1")
    );
    diagnosis.says("model", "failed", &words, Some("name one with `-m`: `one`, `two`"));
    diagnosis.all_are("unchecked", &ASKED[3..]);
    assert!(diagnosis.document["provider"]["model"].is_null());
    assert_eq!(patient.asked(), 0);
}

#[test]
fn a_list_that_refuses_the_key_is_the_keys_refusal() {
    let provider = Provider::start(Rules::GENERIC);
    let patient = Patient::with(provider);
    let mut command = patient.fake.home.crelay();
    command.args(["doctor", "--json", "-m", "x", "--base-url", patient.provider.base_url()]);
    command
        .env("CRELAY_CODEX", patient.fake.program())
        .env("CRELAY_API_KEY", "sk-wrong-0123456789");
    let diagnosis = Diagnosis::of(&mut command);
    assert_eq!(diagnosis.code, 1);
    diagnosis.all_are("failed", &["key_accepted"]);
    diagnosis.all_are("unchecked", &ASKED[1..]);
    assert_eq!(patient.asked(), 0);
}
