//! What a session may cost. Its turns are counted when they end, so those that run side by side may together go beyond
//! it; what nobody knows the cost of is not in it.

use hyper::{Response, StatusCode};

use crate::session::{Endpoint, Model};
use crate::translate::Reader;
use crate::usage::{Sum, dollars};

use super::refusal::{self, Body};

/// Most that a session may cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Budget {
    /// In dollars of the USA.
    pub dollars: f64,
}

impl Budget {
    /// The answer to a turn that must not begin: Codex shows its words as they are, and asks no more.
    pub fn refuse(self, sum: &Sum, endpoint: &Endpoint, model: &Model, reader: Reader) -> Option<Box<Response<Body>>> {
        let words = self.words(sum, endpoint, model)?;
        tracing::warn!("{words}");
        Some(Box::new(match reader {
            Reader::Codex => refusal::text(StatusCode::BAD_REQUEST, words),
            Reader::Other => refusal::error(StatusCode::BAD_REQUEST, "invalid_prompt", &words),
        }))
    }

    fn words(self, sum: &Sum, endpoint: &Endpoint, model: &Model) -> Option<String> {
        let spent = sum.cost.dollars();
        if spent >= self.dollars {
            let (spent, most) = (dollars(spent), dollars(self.dollars));
            return Some(format!(
                "This session has cost {spent}, and `--max-cost` lets it cost {most}: start crelay again to go on"
            ));
        }
        // Who tells what each answer costs need not have told a price.
        if model.price.is_none() && !endpoint.tells_cost {
            let id = &model.id;
            return Some(format!(
                "What `{id}` costs is not known, so `--max-cost` cannot be kept with it: choose another model, or give \
                 it a price in crelay's configuration"
            ));
        }
        None
    }
}
