//! Nothing that stands in a configuration sends a prompt elsewhere.

use super::{CONFIG, codex, exec, home};
use crate::kit::{Codex, Home, Process, Provider, Rules, text};

#[test]
fn the_users_own_provider_hears_nothing() {
    // It has nothing to say: any request fails the test.
    let other = Provider::start(Rules::GENERIC);
    let config = format!(
        "model = \"other-model\"\nmodel_provider = \"other\"\n{CONFIG}\
         [model_providers.other]\nname = \"Other\"\nbase_url = \"{}\"\nwire_api = \"responses\"\n",
        other.base_url()
    );
    let (home, codex) = (Home::configured(&config), Codex::take());
    let provider = Provider::start(Rules::DEEPSEEK).to("Who are you?", [text("DeepSeek.")]);
    let ended = Process::run(&mut exec(&home, &codex, &provider, &["Who are you?"])).well();
    assert_eq!(ended.stdout.trim_end(), "DeepSeek.");
    assert_eq!(other.requests().len(), 0);
}

#[test]
fn a_project_that_names_another_model_gets_the_sessions() {
    let home = home();
    let project = home.project();
    std::fs::create_dir(project.join(".codex")).unwrap();
    let settings = "model = \"gpt-6.1-sol\"\nmodel_provider = \"openai\"\nmodel_reasoning_effort = \"xhigh\"\n";
    std::fs::write(project.join(".codex/config.toml"), settings).unwrap();
    let codex = Codex::take();
    let provider = Provider::start(Rules::DEEPSEEK).to("Who are you?", [text("DeepSeek.")]);
    // Codex reads a project's settings only if the user trusts it.
    let trust = format!(
        "projects={{{:?}={{trust_level=\"trusted\"}}}}",
        project.canonicalize().unwrap()
    );
    let arguments = ["-c", &trust, "Who are you?"];
    let ended = Process::run(&mut exec(&home, &codex, &provider, &arguments)).well();
    assert_eq!(ended.stdout.trim_end(), "DeepSeek.");
    // The mock has checked the model; that the effort came through shows that the settings were read.
    assert_eq!(provider.requests()[0].body["reasoning_effort"], "max");
}

#[test]
fn a_proxy_of_the_users_does_not_come_between_codex_and_crelay() {
    let (home, codex) = (home(), Codex::take());
    let provider = Provider::start(Rules::DEEPSEEK).to("Who are you?", [text("DeepSeek.")]);
    let mut command = exec(&home, &codex, &provider, &["Who are you?"]);
    for variable in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        // Nobody listens there.
        command.env(variable, "http://127.0.0.1:9");
    }
    let ended = Process::run(&mut command).well();
    assert_eq!(ended.stdout.trim_end(), "DeepSeek.");
}

#[test]
fn a_profile_of_the_users_still_counts_where_it_does_not_send_prompts_elsewhere() {
    let (home, leave) = (home(), Codex::take());
    let profile = home.codex().join("mine.config.toml");
    let mine = "model_provider = \"openai\"\nmodel_reasoning_effort = \"low\"\n";
    std::fs::write(&profile, mine).unwrap();
    let provider = Provider::start(Rules::DEEPSEEK).to("Who are you?", [text("DeepSeek.")]);
    let arguments = ["-p", "mine", "exec", "--skip-git-repo-check", "Who are you?"];
    let ended = Process::run(&mut codex(&home, &leave, &provider, &arguments)).well();
    assert_eq!(ended.stdout.trim_end(), "DeepSeek.");
    assert_eq!(provider.requests()[0].body["reasoning_effort"], "low");
    assert_eq!(std::fs::read_to_string(profile).unwrap(), mine);
}
