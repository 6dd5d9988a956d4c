//! Which network, and as whom: from arguments, environment and defaults.

use crate::arguments::Global;
use crate::failure::Failure;
use std::path::{Path, PathBuf};
use theriac_client::context::CONTEXT_FILE;
use theriac_client::{Context, Gateway, Identity, Network, Verification};
use theriac_network::{Folder, LocalNetwork};
use theriac_types::MemberId;

/// Folder of the local network when none is named.
pub fn network_folder(global: &Global) -> PathBuf {
    global.dir.clone().unwrap_or_else(|| user_folder("XDG_DATA_HOME", ".local/share").join("network"))
}

/// Folder of named contexts.
pub fn contexts_folder() -> PathBuf {
    user_folder("XDG_CONFIG_HOME", ".config").join("contexts")
}

fn user_folder(variable: &str, below_home: &str) -> PathBuf {
    let set = std::env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(below_home));
    set.or_else(home).unwrap_or_default().join("theriac")
}

/// The local network that the arguments mean.
pub fn local_network(global: &Global) -> Result<LocalNetwork, Failure> {
    Ok(LocalNetwork::open(Folder::new(network_folder(global)))?)
}

/// The context file that the arguments mean.
pub fn context_path(global: &Global) -> PathBuf {
    match &global.context {
        Some(name) if name.contains('/') || Path::new(name).is_file() => PathBuf::from(name),
        Some(name) => contexts_folder().join(format!("{name}.json")),
        None => network_folder(global).join(CONTEXT_FILE),
    }
}

/// The context that the arguments mean.
pub fn context(global: &Global) -> Result<Context, Failure> {
    Ok(Context::load(&context_path(global))?)
}

/// Who signs by the arguments or the context.
pub fn identity(global: &Global, context: &Context) -> Result<Option<Identity>, Failure> {
    if let Some(path) = &global.identity {
        return Ok(Some(Identity::load(path)?));
    }
    let Some(member) = global.sign_as.as_ref().or(context.identity.as_ref()) else {
        return Ok(None);
    };
    Ok(Some(context.identity(&parse_member(member)?)?))
}

/// A gateway for whoever signs.
pub fn gateway(global: &Global) -> Result<Gateway, Failure> {
    let context = context(global)?;
    let identity = identity(global, &context)?;
    gateway_as(global, &context, identity.as_ref())
}

/// A gateway for one member.
pub fn gateway_as(global: &Global, context: &Context, identity: Option<&Identity>) -> Result<Gateway, Failure> {
    let mut options = context.options(identity)?;
    if global.no_verify {
        options.verification = Verification::Off;
    }
    Ok(Gateway::new(options)?)
}

/// The network, for whoever signs.
pub fn network(global: &Global) -> Result<Network, Failure> {
    Ok(gateway(global)?.network())
}

/// The network, and whoever signs, who must be named.
pub fn network_and_identity(global: &Global) -> Result<(Network, Identity), Failure> {
    let context = context(global)?;
    let identity = identity(global, &context)?.ok_or_else(|| {
        Failure::usage("IDENTITY_MISSING", "say who you are with --as ORGANISATION/MEMBER, or with --identity FILE")
    })?;
    let network = gateway_as(global, &context, Some(&identity))?.network();
    Ok((network, identity))
}

/// Reads a name, or says what is wrong with it.
pub fn parse<T: std::str::FromStr>(text: &str) -> Result<T, Failure>
where
    T::Err: std::fmt::Display,
{
    text.parse().map_err(|error: T::Err| Failure::usage("INVALID_ARGUMENT", error.to_string()))
}

/// Reads `organisation/member`.
pub fn parse_member(text: &str) -> Result<MemberId, Failure> {
    parse(text)
}
