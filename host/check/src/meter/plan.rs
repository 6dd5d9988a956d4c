//! Where a function's charges belong. Decided before anything is written.

use crate::cost::cost;
use wasmparser::Operator;

/// What is to be done before one operator.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Step {
    /// The cost of the segment that begins with this operator; zero where none begins.
    pub charge: u64,
    /// Nothing leads here.
    pub dead: bool,
}

/// A function's charges.
#[derive(Debug)]
pub struct Plan {
    /// One for each of its operators, in order.
    pub steps: Vec<Step>,
    /// Whether a branch leads to the function's end.
    pub branches_to_end: bool,
}

/// An open construct.
struct Open {
    is_loop: bool,
    /// Whether anything leads to its beginning.
    reached: bool,
}

/// Plans a function by its operators. They must be valid: constructs are nested and closed.
pub fn plan(operators: &[Operator<'_>]) -> Plan {
    use Operator as O;
    let mut steps = vec![Step::default(); operators.len()];
    let mut open = vec![Open { is_loop: false, reached: true }];
    let (mut live, mut start, mut sum) = (true, 0, 0_u64);
    let mut branches_to_end = false;
    for (place, operator) in operators.iter().enumerate() {
        steps[place].dead = !live;
        if live {
            sum = sum.saturating_add(cost(operator));
        }
        branches_to_end |= farthest(operator).is_some_and(|depth| depth as usize + 1 >= open.len());
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
    Plan { steps, branches_to_end }
}

/// The outermost label that an operator may branch to, by depth.
fn farthest(operator: &Operator<'_>) -> Option<u32> {
    match operator {
        Operator::Br { relative_depth } | Operator::BrIf { relative_depth } => Some(*relative_depth),
        Operator::BrTable { targets } => targets.targets().flatten().chain([targets.default()]).max(),
        _ => None,
    }
}
