//! The outcome as tables: markdown for people, comma-separated values for programs.

use crate::costs::Costs;
use crate::experiment::{VARIANTS, Variant};
use crate::plan::{
    BLOCKS, Blocks, CLIENTS, CLIENTS_CRASHED, CLIENTS_MAX, MANY_SMALL, OPERATIONS, Question, Row, SIZES, SMALL,
    WORKERS, best,
};
use crate::regions::{CONTINENT, Deployment, WORLD};
use std::fmt::Write;

/// Everything, in markdown.
pub fn markdown(rows: &[Row], costs: &Costs) -> String {
    let mut text = preface(costs);
    for (f, _) in SIZES {
        for deployment in [CONTINENT, WORLD] {
            let of: Vec<_> = rows.iter().filter(|r| r.setting.f == f && r.setting.deployment == deployment).collect();
            if !of.is_empty() {
                text += &load(&of, f, deployment);
                text += &crashes(&of, f, deployment);
                text += &cores(&of, deployment);
            }
        }
    }
    text
}

fn preface(costs: &Costs) -> String {
    format!(
        "# Comparison on an emulated wide-area network\n\n\
         Virtual time; {OPERATIONS} writes per request; clients ask one request at a time. Costs of {}: signature {:.0} us \
         to make and {:.0} us to check, share {:.0} us, certificate of 129 {:.1} ms to combine and {:.1} ms to check. \
         Machines: {} verifier core, network card {} Mbit/s, connection {} Mbit/s, log synced in {:.1} ms.\n\n\
         tx/s counts writes. Messages and kB are those between replicas per decision. The load is that of the busiest \
         part of the primary and of any backup, in percent.\n",
        costs.machine,
        us(costs.sign_ns),
        us(costs.check_ns),
        us(costs.share_ns),
        us(costs.combine(129)) / 1e3,
        us(costs.certificate_check(129)) / 1e3,
        SMALL.workers,
        SMALL.card_mbps,
        SMALL.link_mbps,
        us(SMALL.sync_ns) / 1e3,
    )
}

fn us(ns: u64) -> f64 {
    ns as f64 / 1e3
}

/// One table per number of clients: every variant at the same blocks, and at those that suit it best.
fn load(rows: &[&Row], f: u16, deployment: Deployment) -> String {
    let mut text = String::new();
    for clients in CLIENTS {
        let of = |row: &&&Row| row.question == Question::Load && row.setting.clients == clients;
        let here: Vec<&Row> = rows.iter().filter(of).copied().collect();
        let (slots, batch) = MANY_SMALL;
        let same =
            |v: Variant| here.iter().copied().find(|row| row.setting.variant == v && batching(row) == (slots, batch));
        let own = |v: Variant| best(here.iter().copied().filter(|row| row.setting.variant == v));
        let title = format!("{}, f = {f}, {clients} clients, nothing crashed", deployment.name);
        text += &table(&format!("{title}; blocks of up to {batch} requests, {slots} in flight"), same);
        text += &table(&format!("{title}; the blocks that suit each variant best"), own);
    }
    text
}

fn crashes(rows: &[&Row], f: u16, deployment: Deployment) -> String {
    let mut text = String::new();
    let mut counts: Vec<usize> =
        rows.iter().filter(|row| row.question == Question::Crashes).map(|row| row.setting.crashed).collect();
    counts.dedup();
    for crashed in counts {
        let of = |v: Variant| {
            let of = |row: &&&Row| row.question == Question::Crashes && row.setting.crashed == crashed;
            rows.iter().filter(of).copied().find(|row| row.setting.variant == v)
        };
        let title = format!("{}, f = {f}, {CLIENTS_CRASHED} clients, {crashed} backups crashed", deployment.name);
        text += &table(&title, of);
    }
    text
}

fn cores(rows: &[&Row], deployment: Deployment) -> String {
    if rows.iter().all(|row| row.question != Question::Cores) {
        return String::new();
    }
    let mut text = format!(
        "\n## {}, what verifier cores change, {} clients\n\n\
         | verifier cores | blocks | all-to-all tx/s | ms | + c tx/s | ms | throughput | latency |\n\
         |---|---|---|---|---|---|---|---|\n",
        deployment.name, CLIENTS_MAX
    );
    for workers in WORKERS {
        let of = |variant, blocks: Option<Blocks>| {
            let fits = move |row: &&Row| {
                row.question != Question::Crashes
                    && row.setting.variant == variant
                    && row.setting.clients == CLIENTS_MAX
                    && row.setting.hardware.workers == workers
                    && blocks.is_none_or(|blocks| batching(row) == blocks)
            };
            best(rows.iter().copied().filter(fits))
        };
        for blocks in BLOCKS.into_iter().map(Some).chain([None]) {
            let (Some(theirs), Some(ours)) = (of(Variant::AllToAll, blocks), of(Variant::Redundant, blocks)) else {
                continue;
            };
            let name = blocks.map_or("each its best".to_owned(), |(slots, batch)| format!("{slots} x {batch}"));
            let (theirs, ours) = (&theirs.figures, &ours.figures);
            let line = format!(
                "| {workers} | {name} | {:.0} | {:.0} | {:.0} | {:.0} | {:.2} | {:.2} |\n",
                theirs.throughput(),
                theirs.latency_ms(50),
                ours.throughput(),
                ours.latency_ms(50),
                ours.throughput() / theirs.throughput(),
                ours.latency_ms(50) / theirs.latency_ms(50),
            );
            text += &line;
        }
    }
    text
}

fn batching(row: &Row) -> Blocks {
    (row.setting.slots_in_flight, row.setting.batch)
}

fn table<'a>(title: &str, of: impl Fn(Variant) -> Option<&'a Row>) -> String {
    let mut text = format!(
        "\n## {title}\n\n\
         | variant | n | blocks | tx/s | ratio | median ms | ratio | p99 ms | fast | messages | kB | to clients | primary | \
         backup |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n"
    );
    let base = of(Variant::AllToAll);
    for row in VARIANTS.into_iter().filter_map(&of) {
        let figures = &row.figures;
        let ratio = |of: fn(&Row) -> f64| base.map_or(f64::NAN, |base| of(row) / of(base));
        let (messages, bytes) = figures.per_slot();
        let (slots, batch) = batching(row);
        let (primary, backup) = (figures.primary.bottleneck(), figures.backup.bottleneck());
        let name = row.setting.variant.name();
        writeln!(
            text,
            "| {name} | {} | {slots} x {batch} | {:.0} | {:.2} | {:.0} | {:.2} | {:.0} | {} of {} | {messages:.0} | {:.0} | \
             {:.0} | {} {} | {} {} |{}",
            row.setting.cluster().replicas(),
            figures.throughput(),
            ratio(|row| row.figures.throughput()),
            figures.latency_ms(50),
            ratio(|row| row.figures.latency_ms(50)),
            figures.latency_ms(99),
            figures.fast,
            figures.slots,
            bytes / 1e3,
            figures.per_slot_to_clients().0,
            primary.0,
            primary.1,
            backup.0,
            backup.1,
            if figures.finished && !figures.diverged { "" } else { " did not finish |" },
        )
        .expect("writing to memory does not fail");
    }
    text
}

/// Every run, one per line.
pub fn csv(rows: &[Row]) -> String {
    let mut text = String::from(
        "question,deployment,f,replicas,variant,crashed,clients,slots_in_flight,batch,verifier_cores,decisions,fast,\
         requests,writes_per_second,median_ms,p99_ms,messages_per_decision,bytes_per_decision,\
         client_messages_per_decision,client_bytes_per_decision,asked_everybody,primary_busiest,primary_percent,\
         backup_busiest,backup_percent,finished\n",
    );
    for Row { question, setting, figures } in rows {
        let (messages, bytes) = figures.per_slot();
        let (to_clients, bytes_to_clients) = figures.per_slot_to_clients();
        let (primary, backup) = (figures.primary.bottleneck(), figures.backup.bottleneck());
        writeln!(
            text,
            "{question:?},{},{},{},{},{},{},{},{},{},{},{},{},{:.1},{:.3},{:.3},{messages:.1},{bytes:.0},{to_clients:.1},\
             {bytes_to_clients:.0},{},{},{},{},{},{}",
            setting.deployment.name,
            setting.f,
            setting.cluster().replicas(),
            setting.variant.name().replace(',', ""),
            setting.crashed,
            setting.clients,
            setting.slots_in_flight,
            setting.batch,
            setting.hardware.workers,
            figures.slots,
            figures.fast,
            figures.requests,
            figures.throughput(),
            figures.latency_ms(50),
            figures.latency_ms(99),
            figures.asked,
            primary.0,
            primary.1,
            backup.0,
            backup.1,
            figures.finished && !figures.diverged,
        )
        .expect("writing to memory does not fail");
    }
    text
}
