//! What the provider searched for and found.
//!
//! A search is an item of its own, but only for who asked for one: models that always search do so for everybody. What
//! was found is cited by the message that is open, or else by the next one.

use crate::translate::names::Kind;
use crate::translate::reasoning::EchoedCall;
use crate::translate::room::{MOST_ITEMS, MOST_PAGES};
use crate::wire::chat::Chunk;
use crate::wire::found::{self, ExecutedTool, Page, citation};
use crate::wire::responses::{Annotation, Event};

use super::Turn;
use super::calls::Call;
use super::ending::Ending;
use super::open::{Open, Searching};

/// How often one turn goes on after searches: a model that only searches must end.
const MOST_ROUNDS: u32 = 8;

/// The searches of an answer.
#[derive(Debug, Default)]
pub struct Searches {
    /// Whether the request asked for any.
    is_asked: bool,
    /// The indexes of those that became items.
    told: Vec<i64>,
    /// Whether something was found that no item tells of yet.
    is_due: bool,
    /// What was found, in order, each once.
    pages: Vec<Page>,
    /// How many of them a message has cited.
    cited: usize,
    /// Calls of the exchange at hand that go back to the provider as their own output.
    echoed: Vec<EchoedCall>,
    /// How many exchanges of this turn ended with nothing but such calls.
    rounds: u32,
}

impl Searches {
    /// Nothing was searched yet; `is_asked` says whether the request asked for a search.
    pub fn new(is_asked: bool) -> Self {
        Self {
            is_asked,
            ..Self::default()
        }
    }

    /// What a message that closes now cites.
    pub fn take(&mut self) -> Vec<Annotation> {
        let pages = &self.pages[self.cited..];
        let annotations = pages.iter().filter_map(annotation).collect();
        self.cited = self.pages.len();
        annotations
    }

    /// Notes a call that goes back as its own output.
    pub fn echo(&mut self, call: &Call) {
        self.told.push(0);
        self.echoed.push(EchoedCall {
            id: call.id.clone(),
            arguments: call.arguments.clone(),
        });
    }

    /// Whether any such call waits.
    pub fn has_echoes(&self) -> bool {
        !self.echoed.is_empty()
    }

    /// The calls that wait.
    pub fn take_echoes(&mut self) -> Vec<EchoedCall> {
        std::mem::take(&mut self.echoed)
    }

    /// Whether the search at `index` was not told yet, and may be.
    fn is_new(&self, index: i64) -> bool {
        self.told.len() < MOST_ITEMS && !self.told.contains(&index)
    }

    /// Notes a page unless it is known. Lists without a place in the text name a page that was cited already.
    fn find(&mut self, page: Page) {
        let same = |known: &Page| {
            known.address() == page.address() && (page.end_index.is_none() || known.end_index == page.end_index)
        };
        if page.address().is_none() || self.pages.len() == MOST_PAGES || self.pages.iter().any(same) {
            return;
        }
        self.is_due |= self.told.is_empty();
        self.pages.push(page);
    }
}

impl Turn {
    /// Reads what a chunk tells of searches; repeated lists add nothing.
    pub(super) fn searched(&mut self, chunk: &mut Chunk, out: &mut Vec<Event>) {
        let lists = [&mut chunk.search_results, &mut chunk.web_search];
        let listed: Vec<Page> = lists.into_iter().flat_map(std::mem::take).collect();
        let cited = std::mem::take(&mut chunk.citations);
        for page in listed.into_iter().chain(cited.iter().filter_map(citation)) {
            self.searches.find(page);
        }
        self.tell_search(out);
    }

    /// Reads what the message cites.
    pub(super) fn cite(&mut self, annotations: Vec<found::Annotation>, out: &mut Vec<Event>) {
        for page in annotations.into_iter().filter_map(found::Annotation::page) {
            self.searches.find(page);
        }
        self.tell_search(out);
    }

    /// Reads which tools the provider ran; each is told when it begins and when it has ended.
    pub(super) fn execute(&mut self, tools: Vec<ExecutedTool>, out: &mut Vec<Event>) {
        for tool in tools {
            let index = tool.index.unwrap_or_default();
            let query = tool.query();
            if let Some(query) = query.filter(|_| self.searches.is_new(index)) {
                self.searches.told.push(index);
                self.open_search(query, out);
            }
            for page in tool.pages() {
                self.searches.find(page);
            }
        }
    }

    /// Tells of a search whose words nobody told, as soon as that interrupts neither words nor a call.
    fn tell_search(&mut self, out: &mut Vec<Event>) {
        if self.searches.is_due && matches!(self.open, None | Some(Open::Reasoning(_))) {
            self.tell_late_search(out);
        }
    }

    /// The same at the end, when everything else is closed.
    pub(super) fn tell_late_search(&mut self, out: &mut Vec<Event>) {
        if std::mem::take(&mut self.searches.is_due) {
            self.searches.told.push(0);
            self.open_search(String::new(), out);
        }
    }

    /// What was said since the request that the turn answers, as a JSON array of items, with which that request goes on
    /// as in every later turn: where the exchange ended with nothing but searches whose arguments the provider wants
    /// back.
    pub fn follow_up(&mut self, out: &mut Vec<Event>) -> Option<String> {
        let is_over = matches!(self.ending, Some(Ending::Whole | Ending::Over)) && self.calls_are_whole();
        let is_search = |number| self.tools.origin(&self.calls.get(number).name).kind == Kind::WebSearch;
        let searches = self.calls.len() > 0 && (0..self.calls.len()).all(is_search);
        if !is_over || !searches || self.searches.rounds == MOST_ROUNDS {
            return None;
        }
        self.end_healing(out);
        self.close_all(out);
        self.searches.rounds += 1;
        self.calls.clear();
        self.next_call = 0;
        self.held.clear();
        self.reasoning_field = None;
        self.ending = None;
        self.exchange = self.response.output.len();
        serde_json::to_string(&self.response.output).ok()
    }

    fn open_search(&mut self, query: String, out: &mut Vec<Event>) {
        if !self.searches.is_asked || self.half_said() {
            return;
        }
        self.close_open(out);
        let place = self.place("ws");
        self.open = Some(Open::Search(Searching::open(place, query, out)));
    }
}

/// A citation without a place in the text stands at its beginning, as OpenRouter writes it.
fn annotation(page: &Page) -> Option<Annotation> {
    Some(Annotation::UrlCitation {
        start_index: page.start_index.unwrap_or(0),
        end_index: page.end_index.unwrap_or(0),
        url: page.address()?.to_owned(),
        title: page.title.clone().unwrap_or_default(),
    })
}
