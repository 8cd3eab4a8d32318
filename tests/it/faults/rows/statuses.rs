//! Refusals: every status in the form of every provider, and what providers really say with it.

use serde_json::json;

use super::super::fault::{End, Fault, again, broken, fault, overflow, words};
use super::super::said::answer;

/// What a status without words that are known means.
fn meant(status: u16, said: &str) -> End {
    let told = format!("Acme says: {said} ({status})");
    match status {
        413 => overflow(told),
        429 => again(told),
        408 | 409 | 425 => broken(told),
        498 | 500.. => again(told),
        _ => words(told),
    }
}

const STATUSES: &[u16] = &[
    400, 401, 402, 403, 404, 405, 408, 409, 410, 413, 418, 422, 425, 429, 451, 498, 500, 501, 502, 503, 504, 520, 524,
    529, 600, 999,
];

/// How providers put their words: OpenAI and those who follow it, Gemini, Mistral, GLM, OpenRouter, MiniMax, vLLM.
fn forms(said: &str, status: u16) -> [(&'static str, String); 6] {
    [
        ("OpenAI", json!({"error": {"message": said, "type": "some_error", "param": null, "code": null}}).to_string()),
        ("Gemini", json!([{"error": {"code": status, "message": said, "status": "SOME_STATUS"}}]).to_string()),
        ("Mistral", json!({"object": "error", "message": said, "type": "some_error", "param": null, "code": "9999"}).to_string()),
        ("GLM", json!({"error": {"code": "9999", "message": said}}).to_string()),
        (
            "OpenRouter",
            json!({"error": {"message": "Provider returned error", "code": status, "metadata": {"raw": said, "provider_name": "Other"}}, "user_id": "user_1"}).to_string(),
        ),
        ("FastAPI", json!({"detail": said}).to_string()),
    ]
}

pub fn faults() -> Vec<Fault> {
    let said = "Something is not as it was before";
    let mut faults = Vec::new();
    for status in STATUSES {
        for (who, body) in forms(said, *status) {
            let steps = answer(*status, "content-type: application/json\r\n", body);
            faults.push(fault(
                format!("{status} in the form of {who}"),
                steps,
                meant(*status, said),
            ));
        }
    }
    faults
}
