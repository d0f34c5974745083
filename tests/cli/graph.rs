//! `tfckpt graph`.

use serde_json::{Map, json};
use tfckpt::bundle::Writer;
use tfckpt::checkpoint::object_graph::ObjectGraphBuilder;

use super::support::golden_bundles;
use super::*;

/// A node as the golden files list it.
fn as_expected(node: &Value) -> Value {
    let mut object = json!({ "has_checkpoint_values": node["has_checkpoint_values"] });
    let each = |list: &Value, make: fn(&Value) -> Value| -> Vec<Value> {
        list.as_array().into_iter().flatten().map(make).collect()
    };
    let children: Map<_, _> = each(&node["children"], Value::clone)
        .into_iter()
        .map(|child| (child["name"].as_str().unwrap().to_string(), child["node"].clone()))
        .collect();
    let attributes = each(
        &node["attributes"],
        |one| json!({ "name": one["name"], "full_name": one["full_name"], "checkpoint_key": one["key"] }),
    );
    let slots = each(&node["slots"], |one| {
        json!({
            "slot_name": one["name"],
            "original_variable_node_id": one["variable"],
            "slot_variable_node_id": one["node"],
        })
    });
    for (name, value, empty) in [
        ("children", json!(children), children.is_empty()),
        ("attributes", json!(attributes), attributes.is_empty()),
        ("slot_variables", json!(slots), slots.is_empty()),
    ] {
        if !empty {
            object[name] = value;
        }
    }
    object
}

#[test]
fn golden_graphs() {
    let mut graphs = 0;
    for golden in golden_bundles() {
        if golden.checkpoint["object_graph"].is_null() {
            fail(2, "no object graph", &[&"graph", &golden.prefix]);
            continue;
        }
        let document = succeed(&[&"graph", &"--json", &golden.prefix]).json();
        let nodes: Vec<Value> =
            document["nodes"].as_array().unwrap().iter().map(as_expected).collect();
        assert_eq!(json!(nodes), golden.checkpoint["object_graph"], "{}", golden.prefix.display());
        assert!(document["problems"].is_null(), "{document}");
        graphs += 1;
    }
    assert!(graphs >= 12, "{graphs}");
}

#[test]
fn for_people() {
    let run = succeed(&[&"graph", &golden("object_based/relative/ckpt-1")]);
    assert_eq!(
        run.text(),
        "variable         shared        w\n\
         \x20                = nested/shared\n\
         variable         v             Variable\n\
         save_counter     save_counter  save_counter\n\
         variable         nested/u      Variable\n\
         6 objects: 3 variables, 1 save counter\n"
    );
    let run = succeed(&[&"graph", &golden("variant/iterator/ckpt")]);
    assert!(run.text().starts_with("other            iterator/.ATTRIBUTES/ITERATOR\n"));
    let run = succeed(&[&"graph", &golden("object_based/slots/ckpt")]);
    assert!(
        run.text().contains("slot             net/w/.OPTIMIZER_SLOT/adam/v             w/Adam_1\n")
    );
    assert!(
        run.text().contains("variable         net/table/right.Swith..dots              Variable\n")
    );
    assert!(run.text().ends_with("6 slot variables, 2 other optimizer variables\n"));
}

#[test]
fn every_path_to_a_variable() {
    let document = succeed(&[&"graph", &"--json", &golden("object_based/keras/ckpt-50")]).json();
    let nodes = document["nodes"].as_array().unwrap();
    let kernel =
        nodes.iter().find(|node| node["path"] == "optimizer/_trainable_variables/0").unwrap();
    assert_eq!(kernel["other_paths"], json!(["model/_functional/_operations/1/_kernel"]));
    assert_eq!(kernel["role"], "variable");
    let count = |role| nodes.iter().filter(|node| node["role"] == role).count();
    assert_eq!((count("optimizer_state"), count("save_counter")), (14, 1));
}

#[test]
fn a_tensor_that_is_missing_makes_it_bad() {
    let dir = tempfile::tempdir().unwrap();
    let prefix = dir.path().join("ckpt");
    let mut builder = ObjectGraphBuilder::new();
    builder.add_variable(ObjectGraphBuilder::ROOT, "w", "w").unwrap();
    let mut writer = Writer::create(&prefix).unwrap();
    builder.build().unwrap().write_to(&mut writer).unwrap();
    writer.finish().unwrap();
    let run = tfckpt(&[&"graph", &"--json", &prefix]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("w/.ATTRIBUTES/VARIABLE_VALUE"), "{}", run.stderr);
    assert_eq!(run.json()["problems"][0]["status"], "NOT_FOUND");
    assert_eq!(run.json()["nodes"][1]["path"], "w");
}
