//! The session's models as they are asked in this run: what a provider has refused once is not asked of it again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::session::{Model, Repair, Session};

/// All models that were asked for.
#[derive(Debug)]
pub struct Models {
    session: Arc<Session>,
    asked: Mutex<HashMap<String, Arc<Model>>>,
}

impl Models {
    /// Those of `session`, of which nothing was refused yet.
    pub fn new(session: Arc<Session>) -> Self {
        Self {
            session,
            asked: Mutex::default(),
        }
    }

    /// The model that a request means, as it is asked by now.
    pub fn find(&self, name: Option<&str>) -> Arc<Model> {
        let model = self.session.model(name);
        let mut asked = self.lock();
        Arc::clone(asked.entry(model.id.clone()).or_insert_with(|| Arc::new(model.clone())))
    }

    /// The model with what was learned of a refusal, which it keeps.
    pub fn repair(&self, model: &Model, repair: &Repair) -> Arc<Model> {
        let mut asked = self.lock();
        // Another turn may have learned something else meanwhile.
        let known = asked.get(&model.id).map_or(model, |known| known);
        let mut repaired = known.clone();
        repaired.repair(repair);
        let repaired = Arc::new(repaired);
        asked.insert(model.id.clone(), Arc::clone(&repaired));
        repaired
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<Model>>> {
        // What is in it is whole at any time.
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
