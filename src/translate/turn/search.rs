//! What the provider searched for and found.
//!
//! A search is an item of its own, but only for who asked for one: models that always search do so for everybody. What
//! was found is cited by the message that is open, or else by the next one.

use crate::wire::chat::Chunk;
use crate::wire::found::{self, ExecutedTool, Page, citation};
use crate::wire::responses::{Annotation, Event};

use super::Turn;
use super::open::{Open, Searching};

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

    /// Notes a page unless it is known. Lists without a place in the text name a page that was cited already.
    fn find(&mut self, page: Page) {
        let same = |known: &Page| {
            known.address() == page.address() && (page.end_index.is_none() || known.end_index == page.end_index)
        };
        if page.address().is_none() || self.pages.iter().any(same) {
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
            if let Some(query) = query.filter(|_| !self.searches.told.contains(&index)) {
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
