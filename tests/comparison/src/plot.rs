//! The outcome as a drawing: throughput against latency without faults, and throughput with and without crashes.

use crate::experiment::{VARIANTS, Variant};
use crate::plan::{CLIENTS, CLIENTS_CRASHED, MANY_SMALL, Question, Row};
use std::fmt::Write;

const WIDTH: f64 = 1180.0;
const HEIGHT: f64 = 470.0;
/// Left, top, width and height of a panel's field.
type Field = (f64, f64, f64, f64);
const PANELS: [Field; 3] = [(70.0, 60.0, 300.0, 280.0), (450.0, 60.0, 300.0, 280.0), (830.0, 60.0, 320.0, 280.0)];

/// A drawing of one deployment and size, as SVG: at the same blocks, at each variant's best blocks, and with crashes.
pub fn svg(rows: &[&Row], title: &str) -> String {
    let mut svg = Svg::new(title);
    let load = |clients: usize, variant: Variant| {
        let fits = move |row: &&&Row| is_load(row) && row.setting.clients == clients && row.setting.variant == variant;
        rows.iter().copied().filter(move |row| fits(&row))
    };
    let same = |clients, variant| {
        load(clients, variant).find(|row| (row.setting.slots_in_flight, row.setting.batch) == MANY_SMALL)
    };
    let best = |clients, variant| crate::plan::best(load(clients, variant));
    let (slots, batch) = MANY_SMALL;
    svg.curves(PANELS[0], &format!("{slots} blocks of {batch} requests in flight"), same);
    svg.curves(PANELS[1], "blocks that suit each best", best);
    svg.bars(PANELS[2], rows);
    svg.legend();
    svg.text += "</svg>\n";
    svg.text
}

fn is_load(row: &Row) -> bool {
    row.question == Question::Load
}

struct Svg {
    text: String,
}

impl Svg {
    fn new(title: &str) -> Self {
        let mut svg = Self {
            text: format!(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
                 font-family=\"sans-serif\" font-size=\"11\">\n<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\"/>\n"
            ),
        };
        svg.label(WIDTH / 2.0, 24.0, "middle", 15, title);
        svg
    }

    fn add(&mut self, element: std::fmt::Arguments<'_>) {
        self.text.write_fmt(element).expect("writing to memory does not fail");
        self.text.push('\n');
    }

    fn label(&mut self, x: f64, y: f64, anchor: &str, size: u32, text: &str) {
        self.add(format_args!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" font-size=\"{size}\">{text}</text>"
        ));
    }

    fn line(&mut self, from: (f64, f64), to: (f64, f64), colour: &str) {
        let ((x1, y1), (x2, y2)) = (from, to);
        self.add(format_args!(
            "<line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" stroke=\"{colour}\"/>"
        ));
    }

    /// A panel's frame, title, and marks at quarters of both axes' ends.
    fn frame(&mut self, field: Field, title: &str, across: Option<(f64, &str)>, up: (f64, &str)) {
        let (left, top, width, height) = field;
        self.label(left + width / 2.0, top - 12.0, "middle", 12, title);
        for quarter in 0..=4 {
            let part = f64::from(quarter) / 4.0;
            let y = top + height * (1.0 - part);
            self.line((left, y), (left + width, y), "#e4e4e4");
            self.label(left - 6.0, y + 4.0, "end", 10, &short(up.0 * part));
            if let Some((most, _)) = across {
                self.label(left + width * part, top + height + 15.0, "middle", 10, &short(most * part));
            }
        }
        self.line((left, top + height), (left + width, top + height), "#444");
        self.line((left, top), (left, top + height), "#444");
        if let Some((_, name)) = across {
            self.label(left + width / 2.0, top + height + 32.0, "middle", 11, name);
        }
        self.label(left - 6.0, top - 12.0, "end", 11, up.1);
    }

    /// A curve per variant; its points are the numbers of clients.
    fn curves<'a>(&mut self, field: Field, title: &str, of: impl Fn(usize, Variant) -> Option<&'a Row>) {
        let place = |row: &Row| (row.figures.throughput(), row.figures.latency_ms(50));
        let curves: Vec<(Variant, Vec<(f64, f64)>)> = VARIANTS
            .into_iter()
            .map(|v| (v, CLIENTS.into_iter().filter_map(|clients| of(clients, v)).map(place).collect()))
            .collect();
        let points = || curves.iter().flat_map(|(_, points)| points);
        let most = (ceiling(points().map(|p| p.0)), ceiling(points().map(|p| p.1)));
        self.frame(field, title, Some((most.0, "writes per second")), (most.1, "ms"));
        let (left, top, width, height) = field;
        let at = |(x, y): (f64, f64)| (left + width * x / most.0, top + height * (1.0 - y / most.1));
        for (variant, points) in &curves {
            let (colour, dash) = look(*variant);
            let path: Vec<_> = points.iter().map(|p| at(*p)).map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
            let path = path.join(" ");
            self.add(format_args!(
                "<polyline points=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" stroke-dasharray=\"{dash}\"/>"
            ));
            for (x, y) in points.iter().map(|p| at(*p)) {
                self.add(format_args!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" fill=\"{colour}\"/>"));
            }
        }
    }

    /// A group of bars per number of crashed replicas.
    fn bars(&mut self, field: Field, rows: &[&Row]) {
        let here: Vec<_> = rows.iter().filter(|row| row.question == Question::Crashes).collect();
        let mut counts: Vec<_> = here.iter().map(|row| row.setting.crashed).collect();
        counts.dedup();
        let most = ceiling(here.iter().map(|row| row.figures.throughput()));
        let title = format!("writes per second, {CLIENTS_CRASHED} clients, crashed backups");
        self.frame(field, &title, None, (most, ""));
        let (left, top, width, height) = field;
        let group = width / counts.len().max(1) as f64;
        for (place, crashed) in counts.iter().enumerate() {
            let start = left + group * place as f64;
            let bars: Vec<_> = here.iter().filter(|row| row.setting.crashed == *crashed).collect();
            let bar = group * 0.8 / bars.len().max(1) as f64;
            for (index, row) in bars.iter().enumerate() {
                let tall = height * row.figures.throughput() / most;
                let (x, y) = (start + group * 0.1 + bar * index as f64, top + height - tall);
                let (colour, _) = look(row.setting.variant);
                let thick = bar * 0.9;
                self.add(format_args!(
                    "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{thick:.1}\" height=\"{tall:.1}\" fill=\"{colour}\"/>"
                ));
            }
            self.label(start + group / 2.0, top + height + 15.0, "middle", 11, &format!("{crashed} crashed"));
        }
    }

    fn legend(&mut self) {
        for (index, variant) in VARIANTS.into_iter().enumerate() {
            let (column, row) = (index % 4, index / 4);
            let (x, y) = (90.0 + 270.0 * column as f64, HEIGHT - 50.0 + 22.0 * row as f64);
            let (colour, dash) = look(variant);
            self.add(format_args!(
                "<line x1=\"{x}\" y1=\"{y}\" x2=\"{}\" y2=\"{y}\" stroke=\"{colour}\" stroke-width=\"3\" \
                 stroke-dasharray=\"{dash}\"/>",
                x + 30.0
            ));
            self.label(x + 38.0, y + 4.0, "start", 12, variant.name());
        }
    }
}

/// Colour and dashes of a variant.
fn look(variant: Variant) -> (&'static str, &'static str) {
    match variant {
        Variant::AllToAll => ("#b3261e", "none"),
        Variant::AllToAllCombined => ("#b3261e", "6 3"),
        Variant::AllToAllLinks => ("#b3261e", "2 3"),
        Variant::Linear => ("#8a6d00", "none"),
        Variant::Fast => ("#2e7d32", "none"),
        Variant::Acknowledged => ("#1565c0", "none"),
        Variant::Redundant => ("#4a148c", "none"),
    }
}

/// A round number that no value exceeds.
fn ceiling(values: impl Iterator<Item = f64>) -> f64 {
    let most = values.filter(|value| value.is_finite()).fold(1.0, f64::max);
    let step = 10_f64.powf(most.log10().floor()) / 2.0;
    (most / step).ceil() * step
}

fn short(value: f64) -> String {
    if value >= 10_000.0 { format!("{:.0}k", value / 1e3) } else { format!("{value:.0}") }
}
