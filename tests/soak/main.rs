//! Many turns at once with whatever can go wrong, for a long time: nothing leaks, nothing is stuck.
//!
//! A relay of its own process stands between two hundred clients and a provider of this one. Each client says in its
//! prompt what is to go wrong, drawn from a seed, so that every run does the same. The ordinary suite does it for a few
//! seconds; `cargo test --test soak -- --ignored --nocapture` for five minutes, or `CRELAY_SOAK_SECONDS`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod child;
mod client;
mod crowd;
mod fault;
#[allow(dead_code, reason = "the other tests need more of it")]
mod kit;
mod provider;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use child::{Figures, Relay};
use fault::{Draw, Fault};
use provider::Provider;

/// What every run begins with.
const SEED: u64 = 0x00c0_de0f;

/// How long it takes until memory is as full as it gets: then the length of a run counts no more.
const WARM: Duration = Duration::from_secs(60);

#[tokio::test]
async fn many_turns_at_once_with_every_fault_leave_nothing_behind() {
    soak(60, Duration::from_secs(3)).await;
}

#[tokio::test]
#[ignore = "takes five minutes, or as long as CRELAY_SOAK_SECONDS says"]
async fn two_hundred_turns_at_once_with_every_fault_for_five_minutes() {
    let seconds = std::env::var("CRELAY_SOAK_SECONDS").ok();
    let seconds = seconds.map_or(300, |seconds| seconds.parse().unwrap());
    soak(200, Duration::from_secs(seconds)).await;
}

/// How turns ended, how many each way, and how long the slowest of them took.
type Ends = BTreeMap<(Fault, client::Heard), (u64, Duration)>;

async fn soak(at_once: u64, length: Duration) {
    let provider = Provider::start().await;
    let relay = Relay::start(provider.address).await;
    let at_rest = relay.figures().await;
    let end = Instant::now() + length;
    let mut clients = JoinSet::new();
    for number in 0..at_once {
        let address = relay.address;
        clients.spawn(async move {
            let mut draw = Draw::new(SEED ^ (number << 32));
            let mut ends = BTreeMap::new();
            while Instant::now() < end {
                let fault = Fault::draw(&mut draw);
                let began = Instant::now();
                let heard = client::turn(address, fault, &mut draw).await;
                let (count, slowest) = ends.entry((fault, heard)).or_insert((0, Duration::ZERO));
                *count += 1;
                *slowest = began.elapsed().max(*slowest);
            }
            ends
        });
    }
    let watched = watch(&relay, length).await;
    let mut ends = Ends::new();
    while let Some(ended) = clients.join_next().await {
        for (how, (count, slowest)) in ended.unwrap() {
            let all = ends.entry(how).or_default();
            *all = (all.0 + count, all.1.max(slowest));
        }
    }
    // What the relay keeps open toward the provider for later turns goes with it.
    provider.stop().await;
    let left = relay.at_rest(at_rest.files).await;
    tell(&ends, &at_rest, &watched, &left);
    assert_eq!((left.turns, left.connections), (0, 0), "something is stuck");
    assert!(
        left.files <= at_rest.files,
        "{} files became {}",
        at_rest.files,
        left.files
    );
    if length > WARM {
        grows_no_more(&watched);
    }
    let never = Fault::ALL
        .iter()
        .filter(|fault| !ends.keys().any(|(met, _)| met == *fault));
    assert_eq!(never.collect::<Vec<_>>(), Vec::<&Fault>::new(), "never met");
}

/// The figures of every half second.
async fn watch(relay: &Relay, length: Duration) -> Vec<Figures> {
    let mut watched = Vec::new();
    let end = Instant::now() + length;
    while Instant::now() < end {
        tokio::time::sleep(Duration::from_millis(500)).await;
        watched.push(relay.figures().await);
    }
    watched
}

/// Memory after the first third is warm. What comes later adds no more than what chance does.
fn grows_no_more(watched: &[Figures]) {
    let third = watched.len() / 3;
    let most = |figures: &[Figures]| figures.iter().map(|figures| figures.memory).max().unwrap_or_default();
    let (warm, late) = (most(&watched[third..2 * third]), most(&watched[2 * third..]));
    let allowed = warm + warm / 4 + (16 << 20);
    assert!(late <= allowed, "{} MiB became {} MiB", warm >> 20, late >> 20);
}

fn tell(ends: &Ends, at_rest: &Figures, watched: &[Figures], left: &Figures) {
    for ((fault, heard), (count, slowest)) in ends {
        println!("{count:>7}  {slowest:>8.2?}  {fault:?}: {heard:?}");
    }
    println!(
        "{:>7}  turns in all",
        ends.values().map(|(count, _)| count).sum::<u64>()
    );
    println!("at rest {at_rest}");
    let step = (watched.len() / 10).max(1);
    for (number, figures) in watched.iter().enumerate().filter(|(number, _)| number % step == 0) {
        println!("{:>5} %  {figures}", 100 * number / watched.len());
    }
    println!("at last {left}");
}
