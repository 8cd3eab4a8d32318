//! Nothing that stands in a configuration sends a prompt elsewhere.

use super::{CONFIG, exec, home};
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
