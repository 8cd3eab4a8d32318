//! A conversation that changes between providers at every turn of its user: each of them, as strict as ever, is shown
//! what the other has thought, said, called and been answered.

use std::sync::{Arc, LazyLock};

use crelay::provider::Table;
use crelay::session::{self, Also, Arguments, Config, Environment, Ground, Secret, Session, Wish};
use serde_json::{Value, json};

use super::codex;
use super::stage::Heard;
use crate::kit::native::{self, NativeRules};
use crate::kit::rules::Rules;
use crate::kit::{NativeProvider, Provider, Turn, call, reasoning, text};
use crate::relay::running::{Relay, TOKEN, relay};

const PIXEL: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

const PATCH: &str = "*** Begin Patch\n*** Add File: new.txt\n+new\n*** End Patch";

/// How often its user speaks.
const TURNS: usize = 6;

/// Providers that differ in what they want back of thoughts, in the ids of calls, in roles, images and the protocol.
#[derive(Clone, Copy)]
enum Kind {
    Chat(&'static Rules),
    Native(&'static NativeRules),
}

const KINDS: [Kind; 5] = [
    Kind::Chat(&Rules::DEEPSEEK),
    Kind::Chat(&Rules::KIMI),
    Kind::Chat(&Rules::MISTRAL),
    Kind::Chat(&Rules::OPENROUTER),
    Kind::Native(&NativeRules::XAI),
];

/// Who has thoughts in details of another kind.
static MINIMAX: LazyLock<Rules> = LazyLock::new(|| Rules::of(|id| id == "minimax", "MiniMax-M3").unwrap());

enum Seat {
    Chat(Box<Provider>),
    Native(Box<NativeProvider>),
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Chat(rules) => rules.name.unwrap(),
            Self::Native(rules) => rules.name,
        }
    }

    fn model(self) -> &'static str {
        match self {
            Self::Chat(rules) => rules.model,
            Self::Native(rules) => rules.model,
        }
    }

    /// One that says `turns`, as the one at `place` in the session.
    fn start(self, place: usize, turns: Vec<Turn>) -> Seat {
        match self {
            Self::Chat(rules) => {
                let provider = Provider::start(*rules).among_others(100 * place);
                provider.also_to("", turns);
                Seat::Chat(Box::new(provider))
            }
            Self::Native(rules) => Seat::Native(Box::new(NativeProvider::saying(*rules, turns))),
        }
    }
}

impl Seat {
    fn base_url(&self) -> &str {
        match self {
            Self::Chat(provider) => provider.base_url(),
            Self::Native(provider) => provider.base_url(),
        }
    }

    /// The only key that it takes.
    fn key(&self) -> &str {
        match self {
            Self::Chat(provider) => provider.key(),
            Self::Native(_) => native::KEY,
        }
    }
}

/// What a provider says in one turn of the user: it thinks, speaks, calls three tools, and sums up.
fn said(number: usize) -> [Turn; 2] {
    let calls = [
        call("exec_command", json!({"cmd": format!("echo {number}")})),
        call("apply_patch", json!({"input": PATCH})),
        call("mcp__demo__echo", json!({"text": "again"})),
    ];
    [
        reasoning(&format!("Thought {number}, \"quoted\"."))
            .then_text("I look.")
            .then_calls(calls),
        match number % 3 {
            // Not every answer has thoughts.
            2 => text(&format!("Seen {number}.")),
            _ => reasoning("Now I know.").then_text(&format!("Seen {number}.")),
        },
    ]
}

/// A session whose main provider is the first of `seats`.
fn session(seats: &[(Kind, Seat)]) -> Session {
    let table = Table::embedded().unwrap();
    let variable = |kind: &Kind| table.find(kind.name()).unwrap().key_env[0].clone();
    let environment = seats
        .iter()
        .map(|(kind, seat)| (variable(kind).into(), seat.key().into()));
    let environment: Environment = environment.collect();
    let ground = Ground {
        table: &table,
        config: &Config::default(),
        environment: &environment,
        strangers: &[],
        kept: &[],
    };
    let (main, further) = seats.split_first().unwrap();
    let wish = Wish {
        provider: Some(main.0.name().to_owned()),
        model: Some(main.0.model().to_owned()),
        also: Also::Typed(further.iter().map(|(kind, _)| kind.name().to_owned()).collect()),
        ..Wish::default()
    };
    let resolved = session::resolve(&ground, &wish, &Arguments::default(), &|_| None).unwrap();
    let mut session = resolved.unlock::<session::Error>(|_, _| unreachable!()).unwrap();
    for (host, (_, seat)) in session.hosts_mut().zip(seats) {
        host.endpoint.base_url = seat.base_url().parse().unwrap();
        host.endpoint.responses_url = None;
    }
    session.token = Secret::new(TOKEN);
    session
}

/// Codex's side of it.
struct Thread<'a> {
    relay: &'a Relay,
    request: Value,
    input: Vec<Value>,
}

impl Thread<'_> {
    /// A whole turn of the user with this model.
    async fn turn(&mut self, model: &str, number: usize) {
        self.request["model"] = json!(model);
        let image = json!({"type": "input_image", "image_url": PIXEL, "detail": "high"});
        let words = json!({"type": "input_text", "text": format!("Turn {number}.")});
        self.input.push(codex::user(json!([words, image])));
        let called = self.ask().await;
        let calls = called.calls();
        assert_eq!(calls.len(), 3, "{model}: {:#?}", called.items);
        for call in calls {
            let kind = format!("{}_output", call["type"].as_str().unwrap());
            // A tool may show an image, too.
            let output = match (call["name"].as_str(), number % 2) {
                (Some("exec_command"), 1) => json!([{"type": "input_image", "image_url": PIXEL}]),
                _ => json!("Some output."),
            };
            self.input
                .push(json!({"type": kind, "call_id": call["call_id"], "output": output}));
        }
        assert_eq!(self.ask().await.text(), format!("Seen {number}."), "{model}");
    }

    async fn ask(&mut self) -> Heard {
        let mut body = self.request.clone();
        body["input"] = json!(self.input);
        let mut connection = self.relay.connect().await;
        connection
            .post_in("01a1fc41-a55d-7742-8ab5-000000000001", &body.to_string())
            .await;
        let head = connection.head().await;
        assert_eq!(head.status, 200, "{:?}", connection.rest(&head).await);
        let heard = Heard::read(&mut connection).await.well();
        self.input.extend(heard.items.clone());
        heard
    }
}

/// Holds a conversation in which `kinds` take turns.
async fn converse(kinds: &[Kind], turns: usize) {
    let of = |place: usize| (0..turns).filter(move |number| number % kinds.len() == place);
    let seats: Vec<(Kind, Seat)> = kinds
        .iter()
        .enumerate()
        .map(|(place, kind)| (*kind, kind.start(place, of(place).flat_map(said).collect())))
        .collect();
    let session = session(&seats);
    let slugs: Vec<String> = session
        .hosts()
        .zip(kinds)
        .enumerate()
        .map(|(place, (host, kind))| match place {
            0 => kind.model().to_owned(),
            _ => format!("{}/{}", host.endpoint.provider, kind.model()),
        })
        .collect();
    let session = Arc::new(session);
    for (slug, (kind, _)) in slugs.iter().zip(&seats) {
        assert_eq!(session.model(Some(slug)).id, kind.model(), "{slug}");
    }
    let relay = relay("http://127.0.0.1:1")
        .limits(|limits| limits.body = 1 << 20)
        .with(Session::clone(&session))
        .start()
        .await;
    let mut thread = Thread {
        relay: &relay,
        request: codex::request(""),
        input: codex::opening("First."),
    };
    for number in 0..turns {
        thread.turn(&slugs[number % slugs.len()], number).await;
    }
    relay.stopped().await;
}

#[tokio::test]
async fn a_conversation_that_changes_between_two_providers_at_every_turn_is_refused_by_neither() {
    let mut orders = 0;
    for one in KINDS {
        for other in KINDS.into_iter().filter(|other| other.name() != one.name()) {
            eprintln!("{} and {}", one.name(), other.name());
            converse(&[one, other], TURNS).await;
            orders += 1;
        }
    }
    assert_eq!(orders, 20);
}

#[tokio::test]
async fn thoughts_in_details_that_one_has_signed_are_no_details_to_another() {
    let [one, other] = [Kind::Chat(&Rules::OPENROUTER), Kind::Chat(&MINIMAX)];
    converse(&[one, other], TURNS).await;
    converse(&[other, one], TURNS).await;
}

#[tokio::test]
async fn a_conversation_goes_round_all_five() {
    converse(&KINDS, 2 * KINDS.len() + 1).await;
}
