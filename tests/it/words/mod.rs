//! Help and errors, as snapshots, and what of the typed words reaches whom. After a wanted
//! change, `TRYCMD=overwrite cargo test words` writes them anew.

pub mod codex_options;
mod printed;

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crelay::provider::Table;
use tempfile::TempDir;

/// Says how it was called. What crelay needs of the real Codex is only its version.
const CODEX: &str = r#"#!/bin/sh
case "$1" in
    --version) echo "codex-cli 0.169.0" ;;
    *) echo "codex" "$@" ;;
esac
"#;

/// What crelay reads of the environment under its own name.
pub const OWN_VARIABLES: [&str; 6] = [
    "CRELAY_API_KEY",
    "CRELAY_PROVIDER",
    "CRELAY_CODEX",
    "CRELAY_LOG",
    "CRELAY_OFFLINE",
    "CRELAY_TOKEN",
];

/// A user's home with a Codex that only says how it was called.
pub struct Home(TempDir);

impl Home {
    pub fn new() -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        fs::create_dir_all(home.path().join("bin")).unwrap();
        let codex = home.path().join("bin/codex");
        fs::write(&codex, CODEX).unwrap();
        fs::set_permissions(&codex, fs::Permissions::from_mode(0o755)).unwrap();
        home
    }

    /// With this `config.toml` of crelay's.
    fn configured(config: &str) -> Self {
        let home = Self::new();
        let folder = home.path().join(".config/crelay");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("config.toml"), config).unwrap();
        home
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// The variables of a user who has set none: an empty one counts as unset.
    pub fn variables(&self) -> Vec<(String, String)> {
        let table = Table::embedded().unwrap();
        let keys = table.iter().flat_map(|provider| provider.key_env.clone());
        let own = OWN_VARIABLES.map(str::to_owned);
        let theirs = ["UPSTREAM", "API_KEY", "PORT", "BIND", "MODEL_MAP"].map(|name| format!("CODEX_RELAY_{name}"));
        let glm = ["GLM_API_KEY", "GLM_API_BASE", "PROXY_PORT"].map(str::to_owned);
        let folders = ["CONFIG_HOME", "STATE_HOME", "CACHE_HOME", "DATA_HOME", "RUNTIME_DIR"];
        let folders = folders.map(|name| format!("XDG_{name}"));
        let unset = keys
            .chain(own)
            .chain(folders)
            .chain(theirs)
            .chain(glm)
            .chain(["CODEX_HOME", "COLUMNS"].map(str::to_owned));
        let path = self.path().join("bin").display().to_string();
        let home = self.path().display().to_string();
        let one = || "1".to_owned();
        let set = [
            ("HOME", home),
            ("NO_COLOR", one()),
            ("CRELAY_OFFLINE", one()),
            ("PATH", path),
        ];
        let set = set.into_iter().map(|(name, value)| (name.to_owned(), value));
        unset.map(|name| (name, String::new())).chain(set).collect()
    }

    /// Compares what is said with `file`, while `set` is in the environment.
    fn says(&self, file: &str, set: &[(&str, &str)]) {
        let cases = trycmd::TestCases::new();
        for (name, value) in self.variables() {
            cases.env(name, value);
        }
        for (name, value) in set {
            cases.env(*name, *value);
        }
        cases.insert_var("[HOME]", self.path().display().to_string()).unwrap();
        cases.case(Path::new("tests/it/words").join(file));
    }
}

#[test]
fn help_tells_a_newcomer_what_to_type() {
    Home::new().says("help.trycmd", &[]);
}

#[test]
fn an_error_is_a_sentence_and_a_hint() {
    Home::new().says("errors.trycmd", &[]);
}

#[test]
fn keys_are_told_how_to_be_kept() {
    Home::new().says("auth.trycmd", &[]);
}

#[test]
fn the_configuration_and_the_providers_tell_about_themselves() {
    Home::new().says("config.trycmd", &[]);
}

#[test]
fn a_doctor_tells_what_keeps_a_session_from_working() {
    Home::new().says("doctor.trycmd", &[]);
}

#[test]
fn a_shim_is_made_listed_and_removed_in_words() {
    Home::new().says("shim.trycmd", &[]);
}

#[test]
fn a_server_tells_what_it_lacks() {
    Home::new().says("serve.trycmd", &[]);
}

#[test]
fn a_server_tells_which_variable_of_its_predecessors_is_wrong() {
    let wrong = [
        ("CODEX_RELAY_PORT", "http"),
        ("CODEX_RELAY_UPSTREAM", "http://127.0.0.1:9/v1"),
    ];
    Home::new().says("serve-variables.trycmd", &wrong);
}

#[test]
fn what_was_used_is_told_and_what_cannot_be_spent_is_refused() {
    let home = Home::new();
    let folder = home.path().join(".local/state/crelay/usage");
    fs::create_dir_all(&folder).unwrap();
    let line = |at: u64, model: &str, input: u64, cost: &str| {
        format!(
            r#"{{"at":{at},"session":"0a1b2c3d","project":"/work","id":"resp_1","provider":"p","model":"{model}","outcome":"completed","tokens":{{"input":{input},"cached":{},"output":1200,"reasoning":300}},"cost":{cost},"seconds":4.2,"first_token":0.8,"retries":0,"healed":0}}"#,
            input / 2
        )
    };
    let lines = [
        line(1_795_132_800, "big", 1_500_000, r#"{"computed":1.98}"#),
        line(1_795_219_200, "big", 300_000, r#"{"computed":0.4}"#),
        line(1_795_219_300, "small", 20_000, r#"{"told":0.003}"#),
        "{\"at\":179521".to_owned(),
    ];
    fs::write(folder.join("2026-11.jsonl"), lines.join("\n")).unwrap();
    home.says("usage.trycmd", &[]);
}

#[test]
fn keys_of_several_providers_are_told() {
    let keys = [("DEEPSEEK_API_KEY", "sk-secret"), ("GROQ_API_KEY", "sk-secret")];
    Home::new().says("several-keys.trycmd", &keys);
}

#[test]
fn a_key_that_is_none_is_told_and_not_shown() {
    let keys = [("DEEPSEEK_API_KEY", "sk secret"), ("MISTRAL_API_KEY", "sk-secret")];
    Home::new().says("bad-key.trycmd", &keys);
}

#[test]
fn a_provider_that_the_environment_names_in_vain_is_told() {
    Home::new().says("unknown-provider.trycmd", &[("CRELAY_PROVIDER", "nobody")]);
}

#[test]
fn a_codex_that_is_missing_is_told_with_how_to_get_it() {
    let home = Home::new();
    fs::remove_file(home.path().join("bin/codex")).unwrap();
    home.says("missing.trycmd", &[]);
}

#[test]
fn a_slip_in_the_configuration_is_told_with_file_line_and_key() {
    Home::configured("default_provider = \"deepseek\"\n\n[providers.deepseek]\nkey_comand = \"pass\"\n")
        .says("configuration.trycmd", &[]);
}

#[test]
fn a_dry_run_tells_everything_but_the_key() {
    Home::new().says("dry-run.trycmd", &[("DEEPSEEK_API_KEY", "sk-secret")]);
}

#[test]
fn a_dry_run_tells_which_models_are_named_for_a_part_of_the_work() {
    let config =
        "small_model = \"flash\"\nreview_model = \"kimi-k3\"\nmodel_map = { \"gpt-*\" = \"pro\", o3 = \"nobody\" }\n";
    Home::configured(config).says("named.trycmd", &[("DEEPSEEK_API_KEY", "sk-secret")]);
}

#[test]
fn a_dry_run_runs_or_refuses_the_codex_of_the_real_run() {
    let old = CODEX.replace("0.169.0", "0.117.0");
    let home = Home::new();
    fs::write(home.path().join("bin/codex"), &old).unwrap();
    home.says("old-codex.trycmd", &[]);
    let modules = home.path().join(".local/share/crelay/codex/node_modules");
    let package = modules.join("@openai/codex");
    let wrapper = package.join("bin/codex.js");
    let triples = [
        "x86_64-unknown-linux-musl",
        "aarch64-unknown-linux-musl",
        "x86_64-apple-darwin",
        "aarch64-apple-darwin",
    ];
    let native = triples.map(|triple| package.join("vendor").join(triple).join("bin/codex"));
    for program in native.iter().chain([&wrapper]) {
        fs::create_dir_all(program.parent().unwrap()).unwrap();
        fs::write(program, CODEX).unwrap();
        fs::set_permissions(program, fs::Permissions::from_mode(0o755)).unwrap();
    }
    fs::write(package.join("package.json"), r#"{"version":"0.169.0"}"#).unwrap();
    fs::create_dir(modules.join(".bin")).unwrap();
    std::os::unix::fs::symlink(wrapper, modules.join(".bin/codex")).unwrap();
    home.says("private-codex.trycmd", &[]);
}

#[test]
fn what_needs_no_model_is_codexs_alone() {
    Home::new().says("aside.trycmd", &[]);
}

#[test]
fn a_key_from_standard_input_leaves_the_rest_of_it_to_codex() {
    let home = Home::new();
    let codex = "#!/bin/sh\ntest \"$1\" = --version && echo codex-cli 0.169.0 && exit\n/bin/cat\n";
    fs::write(home.path().join("bin/codex"), codex).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_crelay"));
    command
        .args(["exec", "-P", "deepseek", "--key-file", "-", "-"])
        .env_clear()
        .envs(home.variables());
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(b"sk-secret\nthe task\nin two lines\n")
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "the task\nin two lines\n");
    assert!(output.status.success());
}

#[test]
fn a_log_is_the_users_alone_and_holds_no_key() {
    let home = Home::new();
    let log = home.path().join("log");
    let mut command = Command::new(env!("CARGO_BIN_EXE_crelay"));
    command
        .args(["exec", "-P", "deepseek", "--log-file"])
        .arg(&log)
        .arg("task");
    command
        .env_clear()
        .envs(home.variables())
        .env("DEEPSEEK_API_KEY", "sk-secret");
    let output = command.output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    let text = fs::read_to_string(&log).unwrap();
    assert!(
        text.contains("a session begins provider=DeepSeek at https://api.deepseek.com/"),
        "{text}"
    );
    assert!(!text.contains("sk-secret"), "{text}");
    assert_eq!(fs::metadata(&log).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_reader_who_has_seen_enough_is_no_failure() {
    let home = Home::new();
    for arguments in [
        &["help", "codex"][..],
        &["exec", "--dry-run", "-P", "demo", "task"],
        &["codex", "--help"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = Command::new(env!("CARGO_BIN_EXE_crelay"));
        command
            .args(arguments)
            .env_clear()
            .envs(home.variables())
            .stdout(writer);
        let output = command
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
            .wait_with_output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            !said.contains("panicked") && !said.contains("cannot print"),
            "{arguments:?}: {said}"
        );
    }
}

#[test]
fn the_version_is_told_wherever_and_without_a_home() {
    let home = Home::new();
    let version = |prepare: &str| {
        let script = format!("{prepare}; exec {} --version", env!("CARGO_BIN_EXE_crelay"));
        let mut command = Command::new("/bin/sh");
        command.args(["-c", &script]).env_clear().envs(home.variables());
        let output = command.current_dir(home.path()).output().unwrap();
        assert!(output.status.success(), "{prepare}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let own = concat!("crelay ", env!("CARGO_PKG_VERSION"), "\n");
    let bin = home.path().join("bin/codex");
    assert_eq!(version(":"), format!("{own}codex 0.169.0 ({})\n", bin.display()));
    assert_eq!(
        version("HOME=relative"),
        format!("{own}codex: cannot be told: `HOME` names `relative`, which is not a whole path\n")
    );
    let gone = version("/bin/mkdir gone; cd gone; /bin/rmdir ../gone");
    assert!(
        gone.starts_with(&format!(
            "{own}codex: cannot be told: the folder that this was started in"
        )),
        "{gone}"
    );
    let wrong = version("/bin/mkdir -p .config/crelay; echo x >.config/crelay/config.toml");
    assert!(wrong.starts_with(&format!("{own}codex: cannot be told: ")), "{wrong}");
}

#[test]
fn the_number_of_a_word_may_be_any() {
    let home = Home::new();
    for number in ["0", "7", "18446744073709551615"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_crelay"));
        command.args(["completions", "bash", "--word", number, "--", "crelay", "pro"]);
        let output = command.env_clear().envs(home.variables()).output().unwrap();
        assert!(
            output.status.success() && output.stderr.is_empty(),
            "{number}: {output:?}"
        );
    }
}

#[test]
fn folders_are_where_the_variables_say() {
    let home = Home::new();
    let base = home.path().display().to_string();
    fs::create_dir(home.path().join("run")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_crelay"));
    command
        .args(["exec", "--dry-run", "-P", "demo", "task"])
        .env_clear()
        .envs(home.variables());
    command
        .env("XDG_RUNTIME_DIR", home.path().join("run"))
        .env("CODEX_HOME", "relative")
        .current_dir(home.path());
    let said = String::from_utf8(command.output().unwrap().stdout).unwrap();
    assert!(said.contains(&format!("{base}/relative/crelay-")), "{said}");
    assert!(said.contains(&format!("{base}/run/crelay/")), "{said}");
    for not_ours in [home.path().join("gone"), folder_of_another(home.path())] {
        command.env("XDG_RUNTIME_DIR", not_ours);
        let said = String::from_utf8(command.output().unwrap().stdout).unwrap();
        assert!(said.contains(&format!("{base}/.local/state/crelay/run/")), "{said}");
    }
}

/// Only root can give a folder away; everybody else finds one of root's.
fn folder_of_another(base: &Path) -> PathBuf {
    if !nix::unistd::geteuid().is_root() {
        return "/".into();
    }
    let folder = base.join("of-another");
    fs::create_dir(&folder).unwrap();
    std::os::unix::fs::chown(&folder, Some(65_534), None).unwrap();
    folder
}
