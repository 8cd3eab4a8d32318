//! What a Codex needs that nobody starts with crelay, before a relay that runs by itself.

use std::fmt::Write as _;
use std::path::Path;

use crate::launch::{self, Places};
use crate::provider::Table;
use crate::report::Report;
use crate::session::{self, Arguments, Ground, Session, Wish};

use super::super::environment::Surroundings;
use super::super::models::instructions;
use super::super::run;
use super::options::Print;

/// Prints lines for `config.toml`, or the catalog.
pub(super) fn main(options: &Print, surroundings: &Surroundings) -> Result<u8, Report> {
    let config = surroundings.config()?;
    let table = Table::embedded().map_err(session::Error::from)?;
    let ground = Ground {
        table: &table,
        config: &config,
        environment: &surroundings.variables,
        strangers: &[],
        kept: &surroundings.kept(),
    };
    let wish = Wish {
        provider: options.provider.clone(),
        model: options.model.clone(),
        // It is the relay that needs a key. This one is never read.
        key_file: Some("-".into()),
        ..Wish::default()
    };
    let remembered = |provider: &str| launch::remembered_model(&surroundings.folders, provider);
    let session = session::resolve(&ground, &wish, &Arguments::default(), &remembered)?.session;
    let found = surroundings.stock(&config)?.presumed(&session.main);
    let session = session.furnished(found)?;
    if !options.catalog {
        let catalog = surroundings.folders.codex_home.join("crelay-models.json");
        return super::super::print(&lines(options, &session, &catalog));
    }
    let keyless = ground.without_keys();
    let places = Places {
        option: None,
        variable: surroundings.variable("CRELAY_CODEX"),
        configured: config.codex.as_deref(),
        own: surroundings.program.as_deref(),
        working_folder: &surroundings.working_folder,
        environment: &keyless,
    };
    let runtime = run::runtime()?;
    let instructions = runtime.block_on(async {
        let codex = launch::find(&places, &surroundings.folders).await?;
        instructions(&config, &codex, &surroundings.folders, &keyless).await
    });
    // Who was given up, such as another start that was stopped while it asked Codex, is not waited for at the end
    // either.
    runtime.shutdown_background();
    let catalog = launch::catalog(&session, &instructions?);
    let catalog = catalog.map_err(|error| Report::new("cannot write the catalog").source(error))?;
    super::super::print(&format!("{}\n", String::from_utf8_lossy(&catalog)))
}

/// Keys of the top level alone: what the user has there already may follow.
fn lines(options: &Print, session: &Session, catalog: &Path) -> String {
    let (provider, name, port) = (
        &session.main.endpoint.provider,
        &session.main.endpoint.provider_name,
        options.port,
    );
    let quoted = |text: &str| toml_edit::Value::from(text).to_string();
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        "# For the top of Codex's config.toml, before `crelay serve -P {provider} --port {port}`. With a token, add\n\
         # `env_key = \"CRELAY_TOKEN\"` to the provider.\n\
         model = {}\n\
         model_provider = \"crelay\"\n\
         model_providers.crelay = {{ name = {}, base_url = \"http://127.0.0.1:{port}/v1\", wire_api = \"responses\" }}\n\
         # The file is printed by `crelay config print --catalog -P {provider}`; without it Codex guesses.\n\
         # model_catalog_json = {}\n\
         # Else Codex waits without end for a relay that is gone. If there is a `[features]`, it belongs there.\n\
         features.unbounded_connection_retries = false\n",
        quoted(&session.model.id),
        quoted(&format!("{name} (crelay)")),
        quoted(&catalog.to_string_lossy()),
    );
    text
}
