use super::*;
use crate::limits::POLICY_TEXT_BYTES_MAX;
use crate::{MemberId, decode, encode};
use proptest::prelude::*;

const ROLES: [Role; 4] = [Role::Administrator, Role::Regulator, Role::Pharmacy, Role::Carrier];
/// Names, among them some that are words of the text form.
const NAMES: [&str; 8] = ["maker", "carrier", "distributor", "and", "majority", "role", "2", "any"];

fn role() -> impl Strategy<Value = Role> {
    prop::sample::select(ROLES.to_vec())
}

fn org() -> impl Strategy<Value = OrgId> {
    prop::sample::select(NAMES.to_vec()).prop_map(|name| OrgId::new(name).expect("a name"))
}

fn principal() -> impl Strategy<Value = Principal> {
    prop_oneof![
        prop::option::of(role()).prop_map(Principal::Anyone),
        (org(), prop::option::of(role())).prop_map(|(org, own)| Principal::Organisation(org, own)),
        (role(), prop::option::of(role())).prop_map(|(kind, own)| Principal::Kind(kind, own)),
        (org(), "[a-c]").prop_map(|(org, name)| Principal::Member(org, MemberName::new(name).expect("a name"))),
    ]
}

fn expression() -> impl Strategy<Value = Expression> {
    let leaf = prop_oneof![
        4 => principal().prop_map(Expression::One),
        1 => (1_u8..4, principal()).prop_map(|(needed, principal)| Expression::Several(needed, principal)),
        1 => Just(Expression::Majority),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        let parts = prop::collection::vec(inner, 2..4);
        prop_oneof![
            parts.clone().prop_map(Expression::All),
            parts.clone().prop_map(Expression::Any),
            (parts, 0_usize..3).prop_map(|(parts, needed)| {
                let needed = u8::try_from(needed % parts.len() + 1).expect("at most three");
                Expression::OutOf(needed, parts)
            }),
        ]
    })
}

fn policy() -> impl Strategy<Value = Policy> {
    expression().prop_filter_map("within the limits", |expression| Policy::new(expression).ok())
}

/// A signer with roles of its own.
type Person = (MemberId, Vec<Role>, Vec<Role>);

fn people() -> impl Strategy<Value = Vec<Person>> {
    let person = (org(), "[a-c]", prop::collection::vec(role(), 0..3), prop::collection::vec(role(), 0..3)).prop_map(
        |(org, name, kinds, own)| (MemberId { org, name: MemberName::new(name).expect("a name") }, kinds, own),
    );
    prop::collection::vec(person, 0..5)
}

fn signers(people: &[Person]) -> Vec<Signer<'_>> {
    people.iter().map(|(member, kinds, own)| Signer { member, organisation_roles: kinds, member_roles: own }).collect()
}

fn voters() -> Vec<OrgId> {
    NAMES[..5].iter().map(|name| OrgId::new(*name).expect("a name")).collect()
}

/// What a policy means, said once more and without words.
fn holds(expression: &Expression, people: &[Person]) -> bool {
    let is = |principal: &Principal, (member, kinds, own): &Person| {
        let holds = |role: &Option<Role>| role.is_none() || own.iter().any(|held| Some(*held) == *role);
        match principal {
            Principal::Anyone(role) => holds(role),
            Principal::Organisation(org, role) => *org == member.org && holds(role),
            Principal::Kind(kind, role) => kinds.contains(kind) && holds(role),
            Principal::Member(org, name) => (org, name) == (&member.org, &member.name),
        }
    };
    let distinct = |people: Vec<&Person>| {
        let mut orgs: Vec<_> = people.into_iter().map(|(member, ..)| member.org.clone()).collect();
        orgs.sort();
        orgs.dedup();
        orgs
    };
    match expression {
        Expression::One(principal) => people.iter().any(|person| is(principal, person)),
        Expression::Several(needed, principal) => {
            distinct(people.iter().filter(|person| is(principal, person)).collect()).len() >= usize::from(*needed)
        }
        Expression::Majority => {
            let voters = voters();
            let signed = distinct(people.iter().collect()).into_iter().filter(|org| voters.contains(org)).count();
            2 * signed > voters.len()
        }
        Expression::All(parts) => parts.iter().all(|part| holds(part, people)),
        Expression::Any(parts) => parts.iter().any(|part| holds(part, people)),
        Expression::OutOf(needed, parts) => {
            parts.iter().filter(|part| holds(part, people)).count() >= usize::from(*needed)
        }
    }
}

proptest! {
    #[test]
    fn text_and_bytes_come_back_as_they_were(policy in policy()) {
        let text = policy.to_string();
        prop_assert_eq!(text.parse::<Policy>().map_err(|error| format!("{text}: {error}")), Ok(policy.clone()));
        prop_assert_eq!(decode::<Policy>(&encode(&policy), 1 << 16), Ok(policy));
    }

    #[test]
    fn the_verdict_is_what_the_policy_means(policy in policy(), people in people()) {
        let verdict = evaluate(&policy, &signers(&people), &voters());
        prop_assert_eq!(verdict.is_ok(), holds(policy.expression(), &people), "{}: {:?}", policy, verdict);
    }

    #[test]
    fn a_further_signature_never_spoils_a_decision(policy in policy(), people in people(), more in people()) {
        let satisfied = |people: &[Person]| evaluate(&policy, &signers(people), &voters()).is_ok();
        let all = [people.clone(), more].concat();
        prop_assert!(!satisfied(&people) || satisfied(&all));
    }

    #[test]
    fn hostile_text_and_bytes_are_refused_without_a_panic(
        text in "[a-c0-9:/ (),ofmajrty]{0,80}",
        bytes in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        if let Ok(policy) = text.parse::<Policy>() {
            prop_assert_eq!(policy.to_string().parse::<Policy>(), Ok(policy));
        }
        if let Ok(policy) = decode::<Policy>(&bytes, 1 << 16) {
            prop_assert_eq!(encode(&policy), bytes);
        }
    }
}

#[test]
fn texts_are_read_as_people_mean_them() {
    for (text, printed) in [
        ("maker", "maker"),
        ("maker and carrier or pharmacy", "maker and carrier or pharmacy"),
        ("maker and (carrier or pharmacy)", "maker and (carrier or pharmacy)"),
        ("((maker))", "maker"),
        ("2 of (carrier,distributor , pharmacy)", "2 of (carrier, distributor, pharmacy)"),
        ("majority of (a, b, c)", "2 of (a, b, c)"),
        ("2 of role:pharmacy", "2 of role:pharmacy"),
        ("role:regulator:administrator or any:carrier", "role:regulator:administrator or any:carrier"),
        ("maker/anna and maker:administrator", "maker/anna and maker:administrator"),
        ("org:majority and org:7", "org:majority and org:7"),
        ("org:maker", "maker"),
        ("majority", "majority"),
    ] {
        assert_eq!(text.parse::<Policy>().map(|policy| policy.to_string()), Ok(printed.to_owned()), "{text}");
    }
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    for (text, position, problem) in [
        ("", 1, "found the end"),
        ("maker and", 10, "found the end"),
        ("maker carrier", 7, "\"and\", \"or\" or the end"),
        ("maker & carrier", 7, "'&' has no place"),
        ("(maker or carrier", 18, "expected \")\""),
        ("maker or 3 of (a, b)", 10, "3 of 2 cannot be"),
        ("0 of (a, b)", 1, "0 of 2 cannot be"),
        ("x of (a, b)", 1, "a number up to 64"),
        ("2 of (a)", 1, "two parts or more"),
        ("maker or role:king", 10, "unknown role \"king\""),
        ("role", 1, "write org:role"),
        ("a/b/c", 1, "member name"),
        ("a:carrier:carrier", 1, "is nobody"),
        ("a or or b", 6, "expected an organisation"),
    ] {
        let error = text.parse::<Policy>().expect_err(text);
        assert_eq!(error.position, position, "{text}: {error}");
        assert!(error.problem.contains(problem), "{text}: {error}");
    }
    let deep = format!("{}maker{}", "(".repeat(200), ")".repeat(200));
    assert!(deep.parse::<Policy>().expect_err("too deep").problem.contains("levels deep"));
    let many = vec!["maker"; POLICY_NODES_MAX].join(" or ");
    assert!(many.parse::<Policy>().expect_err("too many").problem.contains("parts"));
    let long = " ".repeat(POLICY_TEXT_BYTES_MAX + 1);
    assert!(long.parse::<Policy>().expect_err("too long").problem.contains("bytes long"));
}

#[test]
fn a_missing_signature_is_named() {
    let roles = [Role::Pharmacy];
    let member = |text: &str| text.parse::<MemberId>().expect("a member");
    let (maker, carrier) = (member("maker/anna"), member("carrier/otto"));
    let signer = |member| Signer { member, organisation_roles: &roles, member_roles: &[] };
    let signed = [signer(&maker), signer(&carrier)];
    for (policy, sentence) in [
        ("pharmacy", "needs pharmacy"),
        ("pharmacy and 2 of (carrier, distributor, clinic)", "needs pharmacy, and 1 more of distributor, clinic"),
        ("maker and pharmacy", "needs pharmacy"),
        ("pharmacy or clinic", "needs pharmacy or clinic"),
        ("(pharmacy and clinic) or maker/berta", "needs (pharmacy, and clinic) or maker/berta"),
        ("role:regulator", "needs an organisation with role regulator"),
        ("4 of role:pharmacy", "needs 2 more organisations with role pharmacy"),
        ("maker:administrator", "needs a signer of maker with role administrator"),
        ("majority", "needs 1 more of distributor, and, majority"),
        ("2 of (a, b, c)", "needs 2 of a, b, c"),
        ("3 of (maker, b, c)", "needs b, and c"),
    ] {
        let policy: Policy = policy.parse().expect("a policy");
        let missing = evaluate(&policy, &signed, &voters()).expect_err("somebody is missing");
        assert_eq!(missing.to_string(), sentence, "{policy}");
    }
}

#[test]
fn the_bytes_of_a_policy_are_fixed_and_shapes_without_text_do_not_decode() {
    let policy: Policy = "a and 2 of (b/c, role:regulator)".parse().expect("a policy");
    let bytes = encode(&policy);
    let expected = [
        &[3, 2, 0, 0, 0][..],
        &[0, 1, 1, 0, 0, 0, b'a', 0],
        &[5, 2, 2, 0, 0, 0],
        &[0, 3, 1, 0, 0, 0, b'b', 1, 0, 0, 0, b'c'],
        &[0, 2, 6, 0],
    ]
    .concat();
    assert_eq!(bytes, expected);
    for (shape, reason) in [
        (&[3, 1, 0, 0, 0, 2][..], "two parts"),
        (&[5, 3, 2, 0, 0, 0, 2, 2], "3 of 2"),
        (&[5, 0, 2, 0, 0, 0, 2, 2], "0 of 2"),
        (&[6], "tag 6"),
        (&[4, 255, 255, 255, 255], "parts"),
        (&[4, 2, 0, 0, 0].repeat(40)[..], "levels deep"),
    ] {
        let error = decode::<Policy>(shape, 1 << 16).expect_err(reason).to_string();
        assert!(error.contains(reason), "{error}");
    }
}
