//! What the provider tells of the key and its account, and of its models.

use serde::Serialize;
use serde_json::Value;

use crate::session::{Balance, nearest};

use super::check::{Check, Finding};

/// What is left on an account.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Left {
    /// How much.
    pub amount: f64,
    /// Of what, by its code, if that is known.
    pub currency: Option<String>,
}

/// What `answer` says is left, where `balance` says that it stands; `None` if it says nothing, or that nothing limits
/// it.
#[must_use]
pub fn left(answer: &Value, balance: &Balance) -> Option<Left> {
    let amount = match answer.pointer(&balance.amount)? {
        Value::String(text) => text.trim().parse().ok(),
        number => number.as_f64(),
    };
    let currency = match &balance.currency {
        Some(place) if place.starts_with('/') => answer.pointer(place).and_then(Value::as_str).map(str::to_owned),
        code => code.clone(),
    };
    let amount = amount.filter(|amount: &f64| amount.is_finite())?;
    Some(Left { amount, currency })
}

/// What follows from what is left. `console` is where the user tops up, if known.
#[must_use]
pub fn balance(left: Option<&Left>, console: Option<&str>) -> Finding {
    let check = Check::Balance;
    let Some(left) = left else {
        return check.unchecked("the provider tells no limit");
    };
    let currency = left.currency.as_ref().map_or(String::new(), |code| format!(" {code}"));
    let words = format!("{:.2}{currency} left", left.amount);
    if left.amount > 0.0 {
        return check.passed(words);
    }
    check.warned(words).hint(match console {
        Some(console) => format!("top up at {console}"),
        None => "top up, or choose another provider with `--provider`".to_owned(),
    })
}

/// What follows for `model` from all that the provider lists.
#[must_use]
pub fn model(model: &str, listed: &[String]) -> Finding {
    let check = Check::Model;
    if listed.is_empty() {
        return check.unchecked("the provider lists none");
    }
    if listed.iter().any(|name| name == model) {
        return check.passed(format!("`{model}` is listed"));
    }
    let near = nearest(model, listed.iter().map(String::as_str));
    let hint = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`-m` names another; some lists are not whole, and the next check tells".to_owned(),
    };
    check
        .warned(format!("`{model}` is not among the {} that are listed", listed.len()))
        .hint(hint)
}

/// So many models can be read in a line.
const SOME: usize = 5;

/// Adds to the finding that no model was named, which there are.
#[must_use]
pub fn no_model(missing: Finding, listed: &[&str]) -> Finding {
    let names: Vec<String> = listed.iter().take(SOME).map(|id| format!("`{id}`")).collect();
    match (listed.len(), names.len()) {
        (0, _) => missing,
        (all, some) if all > some => {
            missing.hint(format!("name one with `-m`: {}, or another of {all}", names.join(", ")))
        }
        _ => missing.hint(format!("name one with `-m`: {}", names.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::doctor::Verdict;

    fn at(amount: &str, currency: Option<&str>) -> Balance {
        Balance {
            get: String::new(),
            amount: amount.to_owned(),
            currency: currency.map(str::to_owned),
        }
    }

    #[test]
    fn what_is_left_is_read_as_each_provider_writes_it() {
        let deepseek = json!({"balance_infos": [{"currency": "CNY", "total_balance": "110.00"}]});
        let place = at("/balance_infos/0/total_balance", Some("/balance_infos/0/currency"));
        let expected = Left {
            amount: 110.0,
            currency: Some("CNY".to_owned()),
        };
        assert_eq!(left(&deepseek, &place), Some(expected));
        let openrouter = json!({"data": {"limit_remaining": null}});
        assert_eq!(left(&openrouter, &at("/data/limit_remaining", Some("USD"))), None);
        let stepfun = json!({"balance": -0.5});
        assert_eq!(left(&stepfun, &at("/balance", None)).unwrap().amount, -0.5);
        for odd in [
            json!({}),
            json!({"balance": "much"}),
            json!({"balance": "inf"}),
            json!([1]),
        ] {
            assert_eq!(left(&odd, &at("/balance", None)), None, "{odd}");
        }
    }

    #[test]
    fn an_empty_account_is_told_with_where_to_fill_it() {
        let left = |amount| Left {
            amount,
            currency: Some("USD".to_owned()),
        };
        assert_eq!(
            balance(Some(&left(4.898)), None),
            Check::Balance.passed("4.90 USD left")
        );
        let empty = balance(Some(&left(0.0)), Some("https://x.test"));
        assert_eq!(
            empty,
            Check::Balance.warned("0.00 USD left").hint("top up at https://x.test")
        );
        assert_eq!(balance(None, None).verdict, Verdict::Unchecked);
    }

    #[test]
    fn a_model_is_looked_for_in_what_is_listed() {
        let listed = ["a".to_owned(), "deepseek-v4".to_owned()];
        assert_eq!(model("a", &listed), Check::Model.passed("`a` is listed"));
        assert_eq!(model("a", &[]).verdict, Verdict::Unchecked);
        let missing = model("deepsek-v4", &listed);
        assert_eq!(missing.verdict, Verdict::Warned);
        assert_eq!(missing.hint.as_deref(), Some("did you mean `deepseek-v4`?"));
    }
}
