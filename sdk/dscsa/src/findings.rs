//! What stands in a case's findings for programs to read: what people found on the goods, and a partner's report.
//!
//! People write `received lot LOT24B` (or `gtin`, `serial`, `expiry`) for what goods bear in place of what the ledger
//! says, and `wrong gln 9506000100005 proposed 9506000100012` (or `gtin`) for numbers that are wrong.
//!
//! A partner's report is kept as one finding that begins with `PDG report` and one for each of its items, such as
//! `PDG overages {…}`. Its sender's e-mail address, telephone number and credential are left out: a ledger forgets
//! nothing, and the message itself has them.

use crate::error::{CAPTURE_LIMIT, Problem};
use crate::limits::{FINDING_BYTES_MAX, FINDINGS_MAX};
use crate::node::{Node, parse};
use crate::report::{Entry, Exceptions, MasterDataErrors, Report, optional};
use serde::Serialize;

/// Where a finding that keeps a part of a message begins; so do the notes that tell of one.
pub(crate) const KEPT: &str = "PDG ";

/// The head of a report that a case was opened with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Head {
    pub message_uuid: String,
    pub exception_case_uuid: String,
    pub timestamp: u64,
    pub po_number: String,
    pub gln: Option<String>,
}

/// A report that a case was opened with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kept {
    pub head: Head,
    pub exceptions: Exceptions,
    pub other_errors: Vec<String>,
}

/// The findings that keep a report.
pub(crate) fn keep(report: &Report) -> Result<Vec<String>, Problem> {
    let head = Head {
        message_uuid: report.message_uuid.clone(),
        exception_case_uuid: report.exception_case_uuid.clone(),
        timestamp: report.timestamp,
        po_number: report.po_number.clone(),
        gln: report.sender_information.gln.clone(),
    };
    let mut findings = vec![finding("report", &head)];
    let none = Exceptions::default();
    let exceptions = report.exceptions.as_ref().unwrap_or(&none);
    push(&mut findings, "missing_product_data", exceptions.missing_product_data.as_deref());
    push(&mut findings, "missing_product", exceptions.missing_product.as_deref());
    push(&mut findings, "data_misalignment", exceptions.data_misalignment.as_deref());
    push(&mut findings, "overages", exceptions.overages.as_deref());
    push(&mut findings, "underages", exceptions.underages.as_deref());
    let master_data = exceptions.master_data_errors.as_ref();
    push(&mut findings, "gln_errors", master_data.and_then(|errors| errors.gln_errors.as_deref()));
    push(&mut findings, "gtin_errors", master_data.and_then(|errors| errors.gtin_errors.as_deref()));
    for error in report.other_errors.iter().flatten() {
        let is_plain = !error.starts_with(KEPT) && !error.is_empty();
        findings.push(if is_plain { error.clone() } else { finding("other", error) });
    }
    if findings.len() > FINDINGS_MAX {
        let message = format!("{} items and errors, a case takes {}.", findings.len() - 1, FINDINGS_MAX - 1);
        return Err(Problem::new(
            "$.exceptions",
            CAPTURE_LIMIT,
            format!("{message} Ask the sender for several reports."),
        ));
    }
    if let Some(long) = findings.iter().find(|finding| finding.len() > FINDING_BYTES_MAX) {
        let message = format!("One item has {} bytes, a case takes {FINDING_BYTES_MAX}.", long.len());
        return Err(Problem::new("$.exceptions", CAPTURE_LIMIT, format!("{message} Ask the sender to shorten it.")));
    }
    Ok(findings)
}

fn push<T: Serialize>(findings: &mut Vec<String>, section: &str, items: Option<&[T]>) {
    findings.extend(items.unwrap_or_default().iter().map(|item| finding(section, item)));
}

fn finding(section: &str, value: &impl Serialize) -> String {
    let json = serde_json::to_string(value).expect("texts, numbers and words are JSON");
    format!("{KEPT}{section} {json}")
}

/// The report that a case was opened with, if it was. What cannot be read any more is told in words.
pub(crate) fn kept(findings: &[String]) -> Option<Kept> {
    let (first, rest) = findings.split_first()?;
    let value = parse(first.strip_prefix(KEPT)?.strip_prefix("report ")?.as_bytes()).ok()?;
    let node = Node::root(&value).ok()?;
    let text = |name: &str| node.needed(name)?.text();
    let head = || {
        Ok::<_, Problem>(Head {
            message_uuid: text("message_uuid")?,
            exception_case_uuid: text("exception_case_uuid")?,
            timestamp: node.needed("timestamp")?.number()?,
            po_number: text("po_number")?,
            gln: optional(&node, "gln")?,
        })
    };
    let mut kept = Kept { head: head().ok()?, exceptions: Exceptions::default(), other_errors: Vec::new() };
    for finding in rest {
        if kept.take(finding).is_none() {
            kept.other_errors.push(finding.clone());
        }
    }
    Some(kept)
}

impl Kept {
    fn take(&mut self, finding: &str) -> Option<()> {
        let (section, json) = finding.strip_prefix(KEPT)?.split_once(' ')?;
        let master_data = || MasterDataErrors::default();
        let exceptions = &mut self.exceptions;
        match section {
            "missing_product_data" => put(&mut exceptions.missing_product_data, json),
            "missing_product" => put(&mut exceptions.missing_product, json),
            "data_misalignment" => put(&mut exceptions.data_misalignment, json),
            "overages" => put(&mut exceptions.overages, json),
            "underages" => put(&mut exceptions.underages, json),
            "gln_errors" => put(&mut exceptions.master_data_errors.get_or_insert_with(master_data).gln_errors, json),
            "gtin_errors" => put(&mut exceptions.master_data_errors.get_or_insert_with(master_data).gtin_errors, json),
            "other" => {
                self.other_errors.push(parse(json.as_bytes()).ok()?.as_str()?.to_owned());
                Some(())
            }
            _ => None,
        }
    }
}

fn put<T: Entry>(list: &mut Option<Vec<T>>, json: &str) -> Option<()> {
    let value = parse(json.as_bytes()).ok()?;
    let item = T::read(&Node::root(&value).ok()?).ok()?;
    list.get_or_insert_default().push(item);
    Some(())
}

/// What people found on goods in place of what the ledger says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Received {
    pub gtin: Option<String>,
    pub serial: Option<String>,
    pub lot: Option<String>,
    pub expiry: Option<String>,
    /// Wrong GLNs, each with the right one.
    pub glns: Vec<(String, Option<String>)>,
    /// Wrong GTINs, each with the right one.
    pub gtins: Vec<(String, Option<String>)>,
}

impl Received {
    /// What the findings tell programs.
    pub fn of(findings: &[String]) -> Self {
        let mut received = Self::default();
        for finding in findings {
            let words: Vec<&str> = finding.split_whitespace().collect();
            let text = |text: &str| Some(text.to_owned());
            match words[..] {
                ["received", "gtin", gtin] => received.gtin = text(gtin),
                ["received", "serial", serial] => received.serial = text(serial),
                ["received", "lot", lot] => received.lot = text(lot),
                ["received", "expiry", expiry] => received.expiry = text(expiry),
                ["wrong", "gln", wrong] => received.glns.push((wrong.to_owned(), None)),
                ["wrong", "gtin", wrong] => received.gtins.push((wrong.to_owned(), None)),
                ["wrong", "gln", wrong, "proposed", right] => received.glns.push((wrong.to_owned(), text(right))),
                ["wrong", "gtin", wrong, "proposed", right] => received.gtins.push((wrong.to_owned(), text(right))),
                _ => {}
            }
        }
        received
    }

    /// Whether goods bear something else than the ledger says.
    pub fn says_of_goods(&self) -> bool {
        [&self.gtin, &self.serial, &self.lot, &self.expiry].into_iter().any(Option::is_some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_write_what_goods_bear_and_which_numbers_are_wrong() {
        let findings =
            ["box wet", "received lot LOT24B", "received  expiry 2028-06-30", "received lot", "wrong gln 1 proposed 2"];
        let received = Received::of(&findings.map(str::to_owned));
        assert_eq!((received.lot.as_deref(), received.expiry.as_deref()), (Some("LOT24B"), Some("2028-06-30")));
        assert_eq!((received.gtin.as_deref(), received.serial.as_deref()), (None, None));
        assert_eq!(received.glns, [("1".to_owned(), Some("2".to_owned()))]);
        assert!(
            received.says_of_goods()
                && !Received::of(&findings[..1].iter().map(|f| (*f).to_owned()).collect::<Vec<_>>()).says_of_goods()
        );
    }

    #[test]
    fn a_case_that_no_report_opened_keeps_none() {
        for first in ["missing: 01/09506000134376/21/A1", "PDG report", "PDG report {}", "PDG overages {}", ""] {
            assert_eq!(kept(&[first.to_owned()]), None, "{first}");
        }
        assert_eq!(kept(&[]), None);
    }
}
