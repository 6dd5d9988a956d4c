//! Where a function's charges belong, and where labels expect to find the gas. Decided before anything is written.

use crate::cost::cost;
use wasmparser::Operator;

/// Where the gas is current at a label, however it is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Home {
    /// In the function's local.
    Local,
    /// In the module's global.
    Global,
}

/// What is to be done before one operator.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Step {
    /// The cost of the segment that begins with this operator; zero where none begins.
    pub charge: u64,
    /// Nothing leads here.
    pub dead: bool,
}

/// A function's charges and labels, both by the places of its operators.
#[derive(Debug)]
pub struct Plan {
    /// One for each operator.
    pub steps: Vec<Step>,
    /// For the operators that open a block, loop or `if`.
    pub labels: Vec<Option<Label>>,
}

/// What a label is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Label {
    /// Where it expects the gas.
    pub home: Home,
    /// Its construct.
    pub kind: Kind,
}

/// Constructs that labels belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The whole body.
    Function,
    /// Branches lead to its end.
    Block,
    /// Branches lead to its beginning.
    Loop,
    /// With an `else`.
    IfElse,
    /// Without one: its condition branches to its end.
    If,
}

/// Plans a function by its operators. They must be valid: constructs are nested and closed.
pub fn plan(operators: &[Operator<'_>]) -> Plan {
    Plan { steps: steps(operators), labels: labels(operators) }
}

/// An open construct.
struct Open {
    is_loop: bool,
    /// Whether anything leads to its beginning.
    reached: bool,
}

fn steps(operators: &[Operator<'_>]) -> Vec<Step> {
    use Operator as O;
    let mut steps = vec![Step::default(); operators.len()];
    let mut open = vec![Open { is_loop: false, reached: true }];
    let (mut live, mut start, mut sum) = (true, 0, 0_u64);
    for (place, operator) in operators.iter().enumerate() {
        steps[place].dead = !live;
        if live {
            sum = sum.saturating_add(cost(operator));
        }
        let ends = match operator {
            O::Block { .. } | O::Loop { .. } | O::If { .. } => {
                let is_loop = matches!(operator, O::Loop { .. });
                open.push(Open { is_loop, reached: live });
                !matches!(operator, O::Block { .. })
            }
            O::Else => {
                live = open.last().is_some_and(|construct| construct.reached);
                true
            }
            O::End => match open.pop() {
                // Only its body leads to the end of a loop, so the segment goes on.
                Some(Open { is_loop: true, .. }) => false,
                construct => {
                    live = construct.is_some_and(|construct| construct.reached);
                    true
                }
            },
            O::BrIf { .. } => true,
            O::Br { .. } | O::BrTable { .. } | O::Return | O::Unreachable => {
                live = false;
                true
            }
            _ => false,
        };
        if ends {
            steps[start].charge = sum;
            (start, sum) = (place + 1, 0);
        } else if !live {
            start = place + 1;
        }
    }
    steps
}

/// Walks backwards, so that what follows a construct is known before the construct.
fn labels(operators: &[Operator<'_>]) -> Vec<Option<Label>> {
    use Operator as O;
    let mut labels = vec![None; operators.len()];
    // What an operator that costs nothing and leads on to what follows would find there.
    let mut next = Home::Global;
    let mut open: Vec<Label> = Vec::new();
    for (place, operator) in operators.iter().enumerate().rev() {
        match operator {
            O::End => {
                let kind = if open.is_empty() { Kind::Function } else { Kind::Block };
                // An end leads on to what follows it. Whether it belongs to a loop shows at the construct's beginning,
                // and does not matter here.
                open.push(Label { home: next, kind });
            }
            O::Else => {
                if let Some(label) = open.last_mut() {
                    label.kind = Kind::IfElse;
                    next = label.home;
                }
            }
            O::Block { .. } => {
                labels[place] = open.pop();
                // A block that begins here leads on to its own first operator.
            }
            O::If { .. } => {
                let label = open.pop().map(|label| match label.kind {
                    Kind::IfElse => label,
                    _ => Label { kind: Kind::If, ..label },
                });
                labels[place] = label;
                next = Home::Local;
            }
            O::Loop { .. } => {
                open.pop();
                labels[place] = Some(Label { home: Home::Local, kind: Kind::Loop });
                next = Home::Local;
            }
            _ => next = Home::Local,
        }
    }
    labels
}
