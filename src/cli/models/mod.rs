//! `crelay models`: what a provider's models can, and what they cost.

mod furnish;
pub(super) mod options;
mod table;

use std::io::{self, IsTerminal, Write};

use terminal_size::{Width, terminal_size};

use crate::models::Found;
use crate::plain;
use crate::provider::Table;
use crate::report::Report;
use crate::session::{self, Arguments, Ground, Session, Wish};
use crate::stock::Stock;
use crate::upstream::Failure;

use super::environment::{self, Surroundings};
use super::run;

use options::Options;

pub(super) use furnish::{furnished, instructions, prepared};

/// How wide a line may be that is not read at a terminal.
const ANY_WIDTH: usize = 10_000;

/// The status of a key that is refused.
const UNAUTHORIZED: u16 = 401;

/// Does what was typed.
pub(super) fn main(options: &Options) -> Result<u8, Report> {
    let surroundings = environment::read()?;
    let config = surroundings.config()?;
    let stock = surroundings.stock(&config)?;
    let table = Table::embedded().map_err(session::Error::from)?;
    let ground = Ground {
        table: &table,
        config: &config,
        environment: &surroundings.variables,
        strangers: &[],
        kept: &surroundings.kept(),
    };
    let session = known(options, &ground, &surroundings, &stock)?;
    if options.json {
        return super::print(&format!("{:#}\n", table::object(&session)));
    }
    let width = match terminal_size() {
        Some((Width(width), _)) if io::stdout().is_terminal() => width.into(),
        _ => ANY_WIDTH,
    };
    super::print(&table::table(&session, width))
}

/// The session that would be begun, with all that is known of its models.
fn known(
    options: &Options,
    ground: &Ground<'_>,
    surroundings: &Surroundings,
    stock: &Stock,
) -> Result<Session, Report> {
    let mut wish = Wish {
        provider: options.provider.clone(),
        base_url: options.base_url.clone(),
        key_file: options.key_file.clone(),
        ..Wish::default()
    };
    let resolve = |wish: &Wish| session::resolve(ground, wish, &Arguments::default(), &|_| None);
    let mut resolved = resolve(&wish);
    let mut is_asked = true;
    if let Err(error @ session::Error::NoKey { .. }) = &resolved {
        super::note(&format!("{error}: this is what is known without it"));
        is_asked = false;
        // It is never read.
        wish.key_file = Some("-".into());
        resolved = resolve(&wish);
    }
    let stands_in = matches!(resolved, Err(session::Error::NoModel { .. }));
    if stands_in {
        wish.is_open = true;
        resolved = resolve(&wish);
    }
    let resolved = resolved?;
    let (session, found, failure) = match is_asked {
        false => {
            let found = stock.presumed(&resolved.session.main);
            (resolved.session, found, None)
        }
        true => {
            let session = surroundings.unlock(resolved)?;
            let runtime = run::runtime()?;
            let (found, failure) = runtime.block_on(found(stock, &session, options.refresh));
            runtime.shutdown_background();
            (session, found, failure)
        }
    };
    let endpoint = session.main.endpoint.clone();
    let session = session.furnished(found)?;
    let has_none = stands_in && session.main.others.is_empty();
    match failure {
        Some(failure) if has_none || failure.status == Some(UNAUTHORIZED) => {
            return Err(Report::new(failure.sentence(&endpoint)));
        }
        Some(failure) => super::note(&failure.sentence(&endpoint)),
        None if has_none => {
            let words = format!("{} lists no model that Codex could work with", endpoint.provider_name);
            return Err(Report::new(words).hint("`--refresh` asks again; `-m` names one to a session all the same"));
        }
        None => {}
    }
    Ok(real(session))
}

/// What is kept, and what is asked for where that is old, or where it is wished; and why the provider told nothing.
async fn found(stock: &Stock, session: &Session, wants_all: bool) -> (Found, Option<Failure>) {
    let kept = stock.kept(&session.main);
    let mut failure = None;
    if stock.may_ask(&session.main) && (wants_all || !kept.is_fresh()) {
        let _progress = Progress::begin(&session.main.endpoint.provider_name);
        failure = stock.ask_and_keep(&session.main).await.err();
    }
    if stock.may_ask_models_dev(&session.main) && (wants_all || kept.dev_asked.is_none()) {
        let _progress = Progress::begin("models.dev");
        // What it does not say, others may; the log tells why.
        drop(stock.ask_models_dev(&session.main).await);
    }
    (stock.kept(&session.main).found, failure)
}

/// Without the model that stands where none is known.
fn real(mut session: Session) -> Session {
    let is_known = session.main.range.ids().contains(&session.model.id.as_str());
    if !is_known && !session.main.others.is_empty() {
        session.model = session.main.others.remove(0);
    }
    session
}

/// Tells at a terminal who is being asked, until it is dropped.
struct Progress(bool);

impl Progress {
    fn begin(whom: &str) -> Self {
        let is_seen = io::stderr().is_terminal();
        if is_seen {
            let _ = write!(io::stderr(), "asking {} …", plain::line(whom));
        }
        Self(is_seen)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.0 {
            // Back to the beginning of the line, which is then empty.
            let _ = write!(io::stderr(), "\r\u{1b}[K");
        }
    }
}
