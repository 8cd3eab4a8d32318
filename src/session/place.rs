//! Where a provider is: its address in the table, with what the environment says of it.

use url::Url;

use crate::provider;

use super::address;
use super::choice::{Chosen, Ground};
use super::error::Error;

impl Ground<'_> {
    /// The table's address, as far as variables leave it as it is.
    pub(super) fn address(&self, known: &provider::Provider) -> Result<Url, Error> {
        let bad = |name: &str, fault: &'static str| Error::BadVariable {
            name: name.to_owned(),
            fault,
        };
        let usual = |value: &dyn Fn(&str) -> Result<String, Error>| {
            let text = address::fill(&known.base_url, value)?;
            Url::parse(&text).map_err(|_| bad(&text, "is no address"))
        };
        let named = |name: &String| Some((name.clone(), self.variable(name)?));
        if let Some((name, value)) = known.address_env.as_ref().and_then(named) {
            // What stands for the host does not matter: the variable names one.
            let usual = usual(&|_| Ok("localhost".to_owned()))?;
            return address::complete(&value, &usual).map_err(|fault| bad(&name, fault));
        }
        usual(&|name| self.word(known, name))
    }

    /// The word that stands in an address for a variable.
    fn word(&self, known: &provider::Provider, name: &str) -> Result<String, Error> {
        match self.variable(name) {
            Some(value) if address::is_label(&value) => Ok(value.into_owned()),
            Some(_) => Err(Error::BadVariable {
                name: name.to_owned(),
                fault: "is not the one word that stands in the address",
            }),
            None => Err(Error::NoAddress {
                provider: known.id.clone(),
                variable: known.address_env.as_deref().unwrap_or(name).to_owned(),
            }),
        }
    }

    /// The address of the Responses endpoint, where it is another. What is asked elsewhere is all there.
    pub(super) fn responses_url(&self, chosen: &Chosen) -> Result<Option<Url>, Error> {
        let known = self.table.find(&chosen.id).filter(|_| !chosen.is_elsewhere);
        let Some((known, text)) = known.and_then(|known| Some((known, known.responses_url.as_ref()?))) else {
            return Ok(None);
        };
        let text = address::fill(text, |name| self.word(known, name))?;
        let url = Url::parse(&text).map_err(|_| Error::BadVariable {
            name: text.clone(),
            fault: "is no address",
        });
        url.map(Some)
    }

    /// Where a key for `chosen` is made. At another address than the table's, keys are made elsewhere, too.
    pub(super) fn console(&self, chosen: &Chosen) -> Option<String> {
        let known = self.table.find(&chosen.id).into_iter().chain([&chosen.kind]);
        known
            .filter(|known| is_at(known, &chosen.base_url))
            .find_map(|known| known.console.clone())
    }
}

/// Whether the table knows `provider` under this host, whatever stands in the place of a variable.
pub(super) fn is_at(provider: &provider::Provider, address: &Url) -> bool {
    let host = address.host_str().unwrap_or_default();
    let first = host.split('.').next().unwrap_or_default();
    let theirs = address::fill(&provider.base_url, |_| Ok::<_, ()>(first.to_owned()));
    let theirs = theirs.map(|text| Url::parse(&text));
    matches!(theirs, Ok(Ok(theirs)) if address::is_same_host(&theirs, address))
}
