//! How many instructions crelay takes for three fixed pieces of work: `cargo bench --bench instructions`.
//!
//! Instructions are the same on a busy machine and on a quiet one, so this sees a slow-down that no clock would show
//! there. `valgrind --tool=callgrind` counts them in crelay itself, which is compared with `counts.json` beside this
//! file; `CRELAY_BLESS=1` writes that file anew. Fails where more than [`TOLERANCE`] was added, and where nothing can
//! be counted. Counts of another compiler or machine are shown and not judged.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod counts;
mod peers;
mod work;

use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use counts::{Counts, Maker};

/// How much may be added. Twice the same work differs by less than a hundredth.
const TOLERANCE: f64 = 0.05;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/instructions/counts.json");

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if peers::is_codex(&arguments) {
        peers::codex();
        return ExitCode::SUCCESS;
    }
    if !is_there("valgrind") {
        eprintln!("nothing was counted: there is no `valgrind` (Debian: `apt install valgrind`)");
        return ExitCode::FAILURE;
    }
    let counted = Counts {
        made_with: Maker::here(),
        instructions: work::ALL.map(|work| (work.name().to_owned(), work.count())).into(),
    };
    if std::env::var_os("CRELAY_BLESS").is_some() {
        counted.write(Path::new(FILE));
    }
    judge(&counted, &Counts::read(Path::new(FILE)))
}

fn is_there(program: &str) -> bool {
    let mut command = Command::new(program);
    let status = command.arg("--version").stdout(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

/// Prints both, and says whether too much was added.
fn judge(counted: &Counts, kept: &Counts) -> ExitCode {
    println!("{:<10} {:>16} {:>16} {:>8}", "work", "kept", "now", "");
    let mut is_slower = false;
    for (name, now) in &counted.instructions {
        let Some(then) = kept.instructions.get(name) else {
            println!("{name:<10} {:>16} {now:>16}", "");
            continue;
        };
        let change = counts::change(*then, *now);
        println!("{name:<10} {then:>16} {now:>16} {:>+7.1}%", change * 100.0);
        is_slower |= change > TOLERANCE;
    }
    if kept.made_with != counted.made_with {
        println!("not judged: the counts that are kept are those of {}", kept.made_with);
        println!("            these are those of                  {}", counted.made_with);
        return ExitCode::SUCCESS;
    }
    match is_slower {
        true => {
            println!(
                "more than {:.0} % was added; if that is meant, CRELAY_BLESS=1 keeps it",
                TOLERANCE * 100.0
            );
            ExitCode::FAILURE
        }
        false => ExitCode::SUCCESS,
    }
}
