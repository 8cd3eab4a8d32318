//! Rows and behaviours, and what came of each.

use std::panic::AssertUnwindSafe;
use std::sync::{LazyLock, Mutex};
use std::task::Poll;

use super::behaviours::{self, Behaviour};
use super::seats::{self, Seat};
use super::stage::Stage;

/// Made once, by whoever asks first.
pub static MATRIX: LazyLock<Matrix> = LazyLock::new(Matrix::make);

pub struct Matrix {
    rows: Vec<Row>,
}

struct Row {
    name: String,
    cells: Vec<Cell>,
}

/// What came of one behaviour on one seat.
pub enum Cell {
    Good,
    /// It does not apply.
    Without,
    Bad(String),
}

impl Matrix {
    fn make() -> Self {
        let seats = Mutex::new(seats::all().into_iter().enumerate());
        let rows = Mutex::new(Vec::new());
        let work = || {
            let next = || seats.lock().unwrap().next();
            while let Some((place, seat)) = next() {
                let row = play(&seat);
                rows.lock().unwrap().push((place, row));
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
                scope.spawn(work);
            }
        });
        let mut rows = rows.into_inner().unwrap();
        rows.sort_by_key(|(place, _)| *place);
        let matrix = Self {
            rows: rows.into_iter().map(|(_, row)| row).collect(),
        };
        matrix.print();
        matrix
    }

    fn print(&self) {
        for (number, behaviour) in behaviours::ALL.iter().enumerate() {
            println!("{}┌ {}", "│".repeat(number), behaviour.name);
        }
        for row in &self.rows {
            let marks = row.cells.iter().map(|cell| match cell {
                Cell::Good => '✓',
                Cell::Without => '·',
                Cell::Bad(_) => '✗',
            });
            println!("{} {}", marks.collect::<String>(), row.name);
        }
    }

    /// What went wrong with `behaviour`.
    pub fn wrong(&self, behaviour: &str) -> Vec<String> {
        let place = behaviours::ALL.iter().position(|known| known.name == behaviour);
        let place = place.expect("a behaviour of the list");
        let wrong = self.rows.iter().filter_map(|row| match &row.cells[place] {
            Cell::Bad(why) => Some(format!("{}: {why}", row.name)),
            Cell::Good | Cell::Without => None,
        });
        wrong.collect()
    }
}

/// All behaviours on one seat, one after the other.
fn play(seat: &Seat) -> Row {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let cells = runtime.block_on(async {
        let stage = Stage::open(seat.rules).await;
        let mut cells = Vec::new();
        for behaviour in behaviours::ALL {
            cells.push(act(behaviour, &stage).await);
        }
        cells
    });
    Row {
        name: format!("{} {}", seat.row, seat.rules.model),
        cells,
    }
}

async fn act(behaviour: &Behaviour, stage: &Stage) -> Cell {
    let mut acting = (behaviour.act)(stage);
    let acted = std::future::poll_fn(|context| {
        let polled = std::panic::catch_unwind(AssertUnwindSafe(|| acting.as_mut().poll(context)));
        polled.map_or_else(|panic| Poll::Ready(Err(panic)), |polled| polled.map(Ok))
    });
    let acted = acted.await;
    let refused = stage.refused(behaviour.name);
    match acted {
        _ if !refused.is_empty() => Cell::Bad(refused.join("; ")),
        Ok(cell) => cell,
        Err(panic) => {
            let words = panic.downcast_ref::<String>().cloned();
            let words = words.or_else(|| panic.downcast_ref::<&str>().map(|&words| words.to_owned()));
            Cell::Bad(words.unwrap_or_default())
        }
    }
}
