//! Generates the messages of the format and gives the shared library its SONAME.

use std::error::Error;

const PROTOS: &[&str] = &[
    "tensor_shape.proto",
    "tensor_slice.proto",
    "tensor_bundle.proto",
    "saved_tensor_slice.proto",
    "trackable_object_graph.proto",
];

fn main() -> Result<(), Box<dyn Error>> {
    generate_messages()?;
    set_soname();
    Ok(())
}

/// protox compiles the files by itself, so nobody has to install `protoc`.
fn generate_messages() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=proto");
    let descriptors = protox::compile(PROTOS, ["proto"])?;
    prost_build::Config::new().compile_fds(descriptors)?;
    Ok(())
}

/// Before 1.0 every minor version may change the ABI, so the name carries both
/// numbers; from 1.0 on the major alone.
fn set_soname() {
    let major = std::env::var("CARGO_PKG_VERSION_MAJOR").unwrap_or_default();
    let minor = std::env::var("CARGO_PKG_VERSION_MINOR").unwrap_or_default();
    let abi = if major == "0" { format!("0.{minor}") } else { major };
    let os = std::env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
    if os == "linux" || os == "android" || os == "freebsd" {
        println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libtfckpt.so.{abi}");
    }
}
