//! A provider's models as they are asked in this run: what it has refused once is not asked of it again.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::session::{Model, Repair};

/// How many models are remembered that were asked otherwise: more than any gateway's user changes between. Where
/// clients name their models themselves, they may make up any number.
const MOST: usize = 256;

/// Those of which something was refused; the one that was repaired last stands last.
#[derive(Debug, Default)]
pub struct Models(Mutex<VecDeque<Arc<Model>>>);

impl Models {
    /// The same model, as it is asked by now.
    pub fn find(&self, model: Cow<'_, Model>) -> Arc<Model> {
        // Names that clients make up are not kept.
        let known = self.lock().iter().find(|known| known.id == model.id).map(Arc::clone);
        known.unwrap_or_else(|| Arc::new(model.into_owned()))
    }

    /// Keeps what was learned of a refusal, as long as there is room.
    pub fn repair(&self, model: &Model, repair: &Repair) {
        let mut asked = self.lock();
        // Another turn may have learned something else meanwhile.
        let known = asked.iter().position(|known| known.id == model.id);
        let known = known.and_then(|place| asked.remove(place));
        let mut repaired = known.map_or_else(|| model.clone(), |known| Model::clone(&known));
        repaired.repair(repair);
        if asked.len() == MOST {
            asked.pop_front();
        }
        asked.push_back(Arc::new(repaired));
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Arc<Model>>> {
        // What is in it is whole at any time.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::launch::sample;
    use crate::session::{Session, Unlisted};

    #[test]
    fn what_was_learned_of_a_model_adds_up_and_who_learned_nothing_for_longest_is_forgotten_first() {
        let session = Session {
            unlisted: Unlisted::AsNamed,
            ..sample::session()
        };
        let models = Models::default();
        let repair = |field: &str| Repair::LeaveOut(vec![field.to_owned()]);
        let find = |number: usize| models.find(session.model(Some(&format!("model-{number}"))));
        let learn = |number, field| models.repair(&find(number), &repair(field));
        // Who learns nothing from it knows it.
        let knows = |number, field| !Model::clone(&find(number)).repair(&repair(field));
        let asked = find(0);
        learn(0, "seed");
        // Two turns were under way with the model as it was.
        models.repair(&asked, &repair("stop"));
        assert!(knows(0, "seed") && knows(0, "stop") && !knows(0, "user"));
        for number in 1..MOST {
            learn(number, "seed");
        }
        assert!(knows(0, "seed") && knows(1, "seed"));
        learn(0, "user");
        learn(MOST, "seed");
        assert!(knows(0, "seed") && knows(0, "user") && knows(MOST, "seed"));
        assert!(!knows(1, "seed") && knows(2, "seed"));
    }
}
