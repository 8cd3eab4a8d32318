//! Who is left alone for now, because it had nothing to answer with: a provider's model, until a moment.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Most that are left alone at a time. Where clients name their models themselves, they may make up any number.
const MOST: usize = 256;

/// All who are left alone.
#[derive(Debug, Default)]
pub struct Rests(Mutex<VecDeque<Rest>>);

#[derive(Debug)]
struct Rest {
    /// The provider's id and the model's.
    who: (String, String),
    since: Instant,
    until: Instant,
    reason: String,
}

impl Rests {
    /// Leaves a provider's model alone from `now` on for as `long`, for this reason.
    pub fn begin(&self, who: (&str, &str), now: Instant, long: Duration, reason: String) {
        let mut rests = self.lock();
        rests.retain(|rest| !rest.is_of(who));
        if rests.len() == MOST {
            rests.pop_front();
        }
        rests.push_back(Rest {
            who: (who.0.to_owned(), who.1.to_owned()),
            since: now,
            until: now + long,
            reason,
        });
    }

    /// It has answered a turn that began at the moment `asked`; whether it was left alone by then. What was asked
    /// before it failed may be answered all the same, as a short request is at a limit of tokens.
    pub fn end(&self, who: (&str, &str), asked: Instant) -> bool {
        let mut rests = self.lock();
        let place = rests.iter().position(|rest| rest.is_of(who) && rest.since <= asked);
        place.and_then(|place| rests.remove(place)).is_some()
    }

    /// Why it is left alone at the moment `now`, if it is.
    pub fn reason(&self, who: (&str, &str), now: Instant) -> Option<String> {
        let rests = self.lock();
        let rest = rests.iter().find(|rest| rest.is_of(who) && rest.until > now);
        rest.map(|rest| rest.reason.clone())
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Rest>> {
        // What is in it is whole at any time.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rest {
    fn is_of(&self, (provider, model): (&str, &str)) -> bool {
        self.who.0 == provider && self.who.1 == model
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rest_lasts_until_it_is_over_or_an_answer_came() {
        let rests = Rests::default();
        let now = Instant::now();
        let after = |seconds| now + Duration::from_secs(seconds);
        let reason = |who, now| rests.reason(who, now);
        assert_eq!(reason(("acme", "m"), now), None);
        let seconds = Duration::from_secs;
        rests.begin(("acme", "m"), now, seconds(60), "tired".to_owned());
        for now in [now, after(59)] {
            assert_eq!(reason(("acme", "m"), now).as_deref(), Some("tired"));
        }
        for (who, now) in [(("acme", "m"), after(60)), (("acme", "n"), now), (("zenith", "m"), now)] {
            assert_eq!(reason(who, now), None, "{who:?}");
        }
        // The last word counts.
        rests.begin(("acme", "m"), after(5), seconds(5), "busy".to_owned());
        assert_eq!(reason(("acme", "m"), now).as_deref(), Some("busy"));
        assert_eq!(reason(("acme", "m"), after(10)), None);
        // What was asked before says nothing of what came after.
        assert!(!rests.end(("acme", "m"), after(4)));
        assert_eq!(reason(("acme", "m"), after(9)).as_deref(), Some("busy"));
        assert!(rests.end(("acme", "m"), after(5)));
        assert_eq!(reason(("acme", "m"), after(9)), None);
        assert!(!rests.end(("acme", "m"), after(5)));
    }

    #[test]
    fn a_crowd_of_models_takes_no_more_room_than_it_may() {
        let rests = Rests::default();
        let now = Instant::now();
        let minute = Duration::from_secs(60);
        let name = |number: usize| format!("model-{number}");
        (0..=MOST).for_each(|number| rests.begin(("acme", &name(number)), now, minute, String::new()));
        assert_eq!(rests.lock().len(), MOST);
        let rests_still = |number| rests.reason(("acme", &name(number)), now).is_some();
        assert!(!rests_still(0) && rests_still(1) && rests_still(MOST));
    }
}
