//! The session's models as they are asked in this run: what a provider has refused once is not asked of it again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::session::{Model, Repair, Session};

/// All models, and those of which something was refused.
#[derive(Debug)]
pub struct Models {
    session: Arc<Session>,
    repaired: Mutex<HashMap<String, Arc<Model>>>,
}

impl Models {
    /// Those of `session`, of which nothing was refused yet.
    pub fn new(session: Arc<Session>) -> Self {
        Self {
            session,
            repaired: Mutex::default(),
        }
    }

    /// The model that a request means, as it is asked by now.
    pub fn find(&self, name: Option<&str>) -> Arc<Model> {
        let model = self.session.model(name);
        // Names that clients make up are not kept.
        let known = self.lock().get(&model.id).map(Arc::clone);
        known.unwrap_or_else(|| Arc::new(model.into_owned()))
    }

    /// Keeps what was learned of a refusal.
    pub fn repair(&self, model: &Model, repair: &Repair) {
        let mut asked = self.lock();
        // Another turn may have learned something else meanwhile.
        let known = asked.get(&model.id).map_or(model, |known| known);
        let mut repaired = known.clone();
        repaired.repair(repair);
        asked.insert(model.id.clone(), Arc::new(repaired));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<Model>>> {
        // What is in it is whole at any time.
        self.repaired.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
