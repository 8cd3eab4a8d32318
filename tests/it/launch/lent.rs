//! What Codex is given, and what it is not.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;

use nix::sys::signal::Signal;

use super::Fake;
use super::fake::{KEY, command_line};
use crate::kit::{Home, Process};

/// What Codex does with its profile when the user chooses a model.
const CHOOSE: &str = r#"sed -i 's/^model = .*/model = "chosen-model"/' "$profile""#;

#[test]
fn neither_the_token_nor_the_key_stands_where_others_can_read_it() {
    let fake = Fake::new();
    let (crelay, pid) = fake.start("stay");
    let noted = fake.noted(pid);
    let token = noted
        .environment
        .iter()
        .find_map(|line| line.strip_prefix("CRELAY_TOKEN="))
        .unwrap();
    assert_eq!(token.len(), 64, "32 random bytes");
    let profile = noted.profile.unwrap();
    for (place, text) in [
        ("crelay's command line", command_line(crelay.id())),
        ("codex's command line", command_line(pid)),
        ("the profile", profile),
    ] {
        assert!(!text.contains(token), "the token stands in {place}: {text}");
        assert!(!text.contains(KEY), "the key stands in {place}: {text}");
    }
    assert!(
        !noted.environment.iter().any(|line| line.contains(KEY)),
        "codex has the key"
    );
    crelay.signal(Signal::SIGTERM);
    crelay.wait();
}

#[test]
fn codex_reaches_the_loopback_past_every_proxy() {
    let fake = Fake::new();
    let mut command = fake.script("exit 0");
    command
        .env("HTTP_PROXY", "http://proxy:3128")
        .env("no_proxy", "intranet");
    Process::run(&mut command).well();
    let environment = fake.noted_once().environment;
    let spared = "intranet,127.0.0.1,localhost,::1";
    for expected in [
        "HTTP_PROXY=http://proxy:3128",
        &format!("NO_PROXY={spared}"),
        &format!("no_proxy={spared}"),
    ] {
        assert!(
            environment.iter().any(|line| line == expected),
            "{expected} is not among {environment:#?}"
        );
    }
}

#[test]
fn two_sessions_at_once_have_nothing_in_common() {
    let fake = Fake::new();
    let (first, first_pid) = fake.start("stay");
    let (second, second_pid) = fake.start("stay");
    assert_eq!(fake.profiles().len(), 2);
    let own = |pid| {
        let noted = fake.noted(pid);
        let token = noted
            .environment
            .into_iter()
            .find(|line| line.starts_with("CRELAY_TOKEN="))
            .unwrap();
        let profile = noted.profile.unwrap();
        let address = profile
            .lines()
            .find(|line| line.starts_with("base_url"))
            .unwrap()
            .to_owned();
        (token, address, noted.line)
    };
    let (one, other) = (own(first_pid), own(second_pid));
    assert!(
        one.0 != other.0 && one.1 != other.1 && one.2 != other.2,
        "{one:#?}\n{other:#?}"
    );
    first.signal(Signal::SIGTERM);
    first.wait();
    assert_eq!(fake.profiles().len(), 1);
    second.signal(Signal::SIGTERM);
    second.wait();
    fake.home.assert_nothing_is_left();
}

#[test]
fn the_users_own_profile_is_merged() {
    let home = Home::new();
    let work = home.codex().join("work.config.toml");
    std::fs::write(&work, "approval_policy = \"never\"\nmodel_provider = \"openai\"\n").unwrap();
    let fake = Fake::in_home(home);
    let options = ["-m", "some-model"];
    Process::run(&mut fake.codex(&options, &["-p", "work", "exec", "exit 0"])).well();
    let profile = fake.noted_once().profile.unwrap();
    assert!(profile.contains("approval_policy = \"never\""), "{profile}");
    assert!(profile.contains("model_provider = \"crelay\""), "{profile}");
    let unchanged = std::fs::read_to_string(&work).unwrap();
    assert_eq!(unchanged, "approval_policy = \"never\"\nmodel_provider = \"openai\"\n");
    std::fs::write(&work, "approval_policy = [\n").unwrap();
    let ended = Process::run(&mut fake.codex(&options, &["-p", "work", "exec", "exit 0"]));
    assert_eq!(ended.code, 125);
    assert!(
        ended.stderr.contains("work.config.toml") && ended.stderr.contains("line 1"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_version_before_profiles_gets_everything_on_its_line() {
    let fake = Fake::new();
    Process::run(fake.script("exit 0").env("FAKE_VERSION", "0.128.0")).well();
    let noted = fake.noted_once();
    assert_eq!(noted.profile, None);
    assert!(
        noted.line.contains(&"model=\"some-model\"".to_owned()),
        "{:#?}",
        noted.line
    );
    assert!(
        !noted.line.iter().any(|word| word == "-p" || word == "--no-daemon"),
        "{:#?}",
        noted.line
    );
}

#[test]
fn a_model_that_was_chosen_in_codex_is_the_next_sessions() {
    let fake = Fake::new();
    Process::run(&mut fake.deepseek(CHOOSE)).well();
    let ended = Process::run(&mut fake.deepseek("cat \"$profile\"")).well();
    assert!(ended.stdout.contains("model = \"chosen-model\"\n"), "{}", ended.stdout);
}

#[test]
fn a_model_that_was_chosen_before_a_kill_is_the_next_sessions() {
    let fake = Fake::new();
    let killed = Process::spawn(&mut fake.deepseek(&format!("{CHOOSE}; stay")));
    killed.wait_for_stdout("ready");
    killed.signal(Signal::SIGKILL);
    killed.wait();
    let ended = Process::run(&mut fake.deepseek("cat \"$profile\"")).well();
    assert!(ended.stdout.contains("model = \"chosen-model\"\n"), "{}", ended.stdout);
}

#[test]
fn a_model_that_was_chosen_at_one_address_says_nothing_of_another() {
    let fake = Fake::new();
    Process::run(&mut fake.script(CHOOSE)).well();
    let dry_run = |address: &str| {
        let mut command = fake.home.crelay();
        command.args(["codex", "--base-url", address, "--dry-run", "--codex"]);
        Process::run(command.arg(fake.home.path().join("codex")))
    };
    let remembered = dry_run("http://127.0.0.1:1/v1").well().stdout;
    assert!(remembered.contains("model = \"chosen-model\""), "{remembered}");
    assert!(
        remembered.contains("\nmodel     chosen-model (chosen with `/model`)\n"),
        "{remembered}"
    );
    let elsewhere = dry_run("http://127.0.0.1:2/v1");
    assert_eq!((elsewhere.code, elsewhere.stdout.as_str()), (125, ""));
}

#[test]
fn a_key_in_a_file_that_everybody_can_read_is_used_and_remarked_upon() {
    let fake = Fake::new();
    let file = fake.home.path().join("key");
    std::fs::write(&file, KEY).unwrap();
    let told = |folder_mode, mode| {
        std::fs::set_permissions(fake.home.path(), Permissions::from_mode(folder_mode)).unwrap();
        std::fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
        let mut command = fake.codex(&["-m", "some-model", "--key-file"], &[]);
        Process::run(command.arg(&file).args(["exec", "true"])).well().stderr
    };
    let words = "note: every user of this machine can read the key in `";
    assert!(told(0o755, 0o644).contains(words));
    assert!(!told(0o755, 0o600).contains(words));
    assert!(!told(0o700, 0o644).contains(words));
}
