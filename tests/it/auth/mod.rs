//! Keys: kept in a real keyring, asked for in a real terminal, and shown to nobody but the provider.

mod asked;
mod configured;
mod hostile;
mod keyring;
mod told;

use std::path::PathBuf;
use std::process::Command;

use crate::kit::{Home, Provider, Rules};
use crate::launch::Fake;

/// A user without any key, whose DeepSeek is the mock.
struct User {
    fake: Fake,
    provider: Provider,
}

impl User {
    fn new() -> Self {
        let fake = Fake::in_home(Home::new());
        let provider = Provider::start(Rules::DEEPSEEK);
        let folder = fake.home.path().join("config/crelay");
        std::fs::create_dir_all(&folder).unwrap();
        let config = format!(
            "[providers.deepseek]\nbase_url = \"{0}\"\n[providers.work]\nbase_url = \"{0}\"\nkey_env = \"WORK_KEY\"\nmodel = \"m\"\n",
            provider.base_url()
        );
        std::fs::write(folder.join("config.toml"), config).unwrap();
        Self { fake, provider }
    }

    fn crelay(&self, words: &[&str]) -> Command {
        let mut command = self.fake.home.crelay();
        command.args(words);
        command
    }

    /// A run of `script` as Codex, with `options` for crelay.
    fn exec(&self, options: &[&str], script: &str) -> Command {
        let mut command = self.crelay(&["exec"]);
        command
            .args(options)
            .arg("--codex")
            .arg(self.fake.program())
            .arg(script);
        command
    }

    /// Where names of kept keys are noted.
    fn kept(&self) -> PathBuf {
        self.fake.home.path().join("state/crelay/keys")
    }
}
