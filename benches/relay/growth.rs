//! How cost grows: with the history that a request carries, and with how many answers stream at once.
//! `cargo bench --bench relay -- growth` prints it as two tables, and `--plot FOLDER` after that draws them too.

use std::path::Path;

use nix::sys::resource::{Resource, getrlimit, setrlimit};

use crate::plan::Round;
use crate::plot::{self, Panel};
use crate::processes::Between;
use crate::rows::{Reads, answer, median, play, round};

const ROUNDS: usize = 3;

/// A thousand clients, as many connections onward, and what else a process has open.
const FILES: u64 = 4096;

/// What grows, and what it costs.
struct Growth {
    /// The file's.
    name: &'static str,
    along: &'static str,
    /// So many of `scale`.
    steps: &'static [u32],
    scale: f64,
    parts: &'static [Part],
}

/// What is done at a step, and what is read off then.
struct Part {
    round: fn(u32) -> Round,
    costs: &'static [Cost],
}

struct Cost {
    name: &'static str,
    reads: Reads,
    /// What one of the unit in which it is read is in the one in which it is told.
    scale: f64,
}

const GROWTHS: [Growth; 2] = [
    Growth {
        name: "history",
        along: "history, MB",
        steps: &[40, 100, 300, 1_000, 3_000, 8_000, 16_000, 32_000],
        scale: 1e-3,
        parts: &[
            Part {
                round: |kilobytes| round(answer(5, 0, 0), 1, 5, kilobytes as usize * 1_000),
                costs: &[cost("first delta, ms", Reads::First, 1e-3)],
            },
            Part {
                round: |kilobytes| round(answer(5, 0, 0), 1, 1, kilobytes as usize * 1_000),
                costs: &[cost("memory, MiB", Reads::Memory, 1.0)],
            },
        ],
    },
    // Twenty deltas in a second: so many can be said, passed on and heard a thousandfold on two cores.
    Growth {
        name: "streams",
        along: "streams",
        steps: &[1, 3, 10, 30, 100, 300, 1_000],
        scale: 1.0,
        parts: &[
            Part {
                round: |streams| round(answer(DELTAS, 50_000, 50_000), streams, 1, 40_000),
                costs: &[
                    cost("delay, ms", Reads::Middle, 1e-3),
                    // Of a whole turn, its request as well.
                    cost("processor, ms", Reads::Processor, DELTAS as f64 * 1e-3),
                ],
            },
            Part {
                round: |streams| round(answer(DELTAS / 2, 50_000, 50_000), streams, 1, 40_000),
                costs: &[cost("memory, MiB", Reads::Memory, 1.0)],
            },
        ],
    },
];

/// What is answered in a turn of which many run at once.
const DELTAS: u32 = 40;

const fn cost(name: &'static str, reads: Reads, scale: f64) -> Cost {
    Cost { name, reads, scale }
}

/// Measures both and prints them; draws each in `folder`, if there is one.
pub fn measure(folder: Option<&Path>) {
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    // For this process and those that it starts.
    setrlimit(Resource::RLIMIT_NOFILE, most.min(FILES), most).unwrap();
    let between = Between::here();
    for growth in GROWTHS {
        let panels = growth.show(&between);
        if let Some(folder) = folder {
            let file = folder.join(format!("growth-{}.svg", growth.name));
            plot::draw(&file, growth.along, &panels);
            println!("{}\n", file.display());
        }
    }
}

impl Growth {
    /// Measures and prints each step.
    fn show(&self, between: &[Between]) -> Vec<Panel> {
        let costs = || self.parts.iter().flat_map(|part| part.costs);
        let names: Vec<&str> = between.iter().map(|between| between.name()).collect();
        let width = 12 * names.len();
        let titles = costs().map(|cost| format!(" {:>width$} ", cost.name));
        println!("{:<12}{}", self.along, titles.collect::<String>());
        let each: String = names.iter().map(|name| format!("{name:>12}")).collect();
        println!("{:<12}{}", "", format!(" {each} ").repeat(costs().count()));

        let mut panels: Vec<Panel> = costs().map(|cost| Panel::new(cost.name, &names)).collect();
        for step in self.steps {
            let along = f64::from(*step) * self.scale;
            print!("{along:<12}");
            let figures = self.parts.iter().flat_map(|part| part.measure(*step, between));
            for (panel, figures) in panels.iter_mut().zip(figures) {
                let told = figures.iter().map(|figure| match figure.is_nan() {
                    true => format!("{:>12}", "–"),
                    false => format!("{figure:>12.2}"),
                });
                print!(" {} ", told.collect::<String>());
                panel.push(along, &figures);
            }
            println!();
        }
        println!();
        panels
    }
}

impl Part {
    /// For each cost, that of each of `between`; no number where it did not get through.
    fn measure(&self, step: u32, between: &[Between]) -> Vec<Vec<f64>> {
        let reads: Vec<Reads> = self.costs.iter().map(|cost| cost.reads).collect();
        let mut measured = vec![vec![Vec::new(); between.len()]; self.costs.len()];
        for _ in 0..ROUNDS {
            for (place, between) in between.iter().enumerate() {
                let known = &measured[0][place];
                if known.iter().any(|figure: &f64| figure.is_nan()) {
                    continue;
                }
                let figures = play(*between, (self.round)(step), &reads);
                // Others may have their limits.
                assert!(figures.is_some() || *between == Between::CodexRelay, "all was heard");
                let figures = figures.unwrap_or_else(|| vec![f64::NAN; reads.len()]);
                for (measured, figure) in measured.iter_mut().zip(figures) {
                    measured[place].push(figure);
                }
            }
        }
        let medians = |(cost, measured): (&Cost, Vec<Vec<f64>>)| {
            let scaled = measured.into_iter().map(|figures| median(figures) * cost.scale);
            scaled.collect()
        };
        self.costs.iter().zip(measured).map(medians).collect()
    }
}
