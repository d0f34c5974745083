//! `tfckpt meta`.

use serde_json::json;

use super::*;

/// Every golden case, and what TensorFlow says of the graphs in it.
fn golden_graphs(list: &str) -> Vec<(PathBuf, Value)> {
    let mut found = Vec::new();
    for case in std::fs::read_dir(data_dir("golden")).unwrap() {
        let case = case.unwrap().path();
        let Ok(text) = std::fs::read(case.join("expected.json")) else { continue };
        let expected: Value = serde_json::from_slice(&text).unwrap();
        for graph in expected[list].as_array().into_iter().flatten() {
            found.push((case.join(graph["path"].as_str().unwrap()), graph.clone()));
        }
    }
    found
}

/// What the golden files say of a graph, out of what the command says.
fn as_expected(graph: &Value) -> Value {
    let count = |ops: &[&str]| -> u64 {
        let nodes = |list: &str, op: &str| graph[list][op]["nodes"].as_u64().unwrap_or(0);
        ops.iter().map(|op| nodes("ops", op) + nodes("function_ops", op)).sum()
    };
    json!({
        "nodes": graph["nodes"],
        "functions": graph["functions"],
        "save_ops": count(&["Save", "SaveSlices", "SaveV2"]),
        "restore_ops": count(&["Restore", "RestoreSlice", "RestoreV2"]),
        "merge_ops": count(&["MergeV2Checkpoints"]),
        "variable_ops": count(&["Variable", "VariableV2", "VarHandleOp"]),
        "assign_ops": count(&["Assign", "AssignVariableOp"]),
        "tensorflow_version": graph["tensorflow_version"],
    })
}

/// Whether everything in `part` is in `whole` too.
fn assert_within(part: &Value, whole: &Value, place: &str) {
    for (key, value) in part.as_object().unwrap() {
        assert_eq!(*value, whole[key], "{place}: {key}");
    }
}

#[test]
fn golden_meta_files() {
    let golden = golden_graphs("meta_graphs");
    assert!(golden.len() >= 30);
    let mut args: Vec<&dyn AsRef<OsStr>> = vec![&"meta", &"ls", &"--json"];
    args.extend(golden.iter().map(|(path, _)| path as &dyn AsRef<OsStr>));
    let document = succeed(&args).json();
    for (file, (path, expected)) in document["files"].as_array().unwrap().iter().zip(&golden) {
        let place = path.display().to_string();
        assert_eq!(file["bytes"], expected["size"], "{place}");
        let graph = &file["graphs"][0];
        assert_within(&as_expected(graph), expected, &place);
        assert_eq!(graph["saver_def"], expected["saver_def"], "{place}");
        for (key, values) in expected["collections"].as_object().unwrap() {
            assert_eq!(graph["collections"][key]["values"], *values, "{place}: {key}");
        }
    }
}

#[test]
fn golden_saved_models() {
    for (path, expected) in golden_graphs("saved_models") {
        // The file, and the directory that it is in.
        for path in [path.as_path(), path.parent().unwrap()] {
            let document = succeed(&[&"meta", &"ls", &"--json", &path]).json();
            let file = &document["files"][0];
            assert_eq!(file["saved_model_schema_version"], expected["schema_version"]);
            let place = path.display().to_string();
            let graphs = file["graphs"].as_array().unwrap();
            for (graph, expected) in graphs.iter().zip(expected["meta_graphs"].as_array().unwrap())
            {
                assert_within(&as_expected(graph), expected, &place);
                assert_eq!(graph["tags"], expected["tags"]);
                assert_eq!(graph["object_graph_nodes"], expected["object_graph_nodes"]);
                assert_within(&expected["saver_def"], &graph["saver_def"], &place);
                for (key, signature) in expected["signatures"].as_object().unwrap() {
                    let found = &graph["signatures"][key];
                    assert_eq!(found["method_name"], signature["method_name"]);
                    let keys =
                        |list: &Value| json!(list.as_object().unwrap().keys().collect::<Vec<_>>());
                    assert_eq!(keys(&found["inputs"]), signature["inputs"]);
                    assert_eq!(keys(&found["outputs"]), signature["outputs"]);
                }
            }
        }
    }
}

#[test]
fn any_path_leads_to_the_graph() {
    let bytes = |path: &str| {
        succeed(&[&"meta", &"ls", &"--json", &golden(path)]).json()["files"][0]["bytes"].clone()
    };
    let prefix = "tf1_saver/relative/model.ckpt-50";
    for path in ["", ".index", ".data-00000-of-00001", ".meta"] {
        assert_eq!(bytes(&format!("{prefix}{path}")), 39188);
    }
    for path in ["tf1_saver/relative", "tf1_saver/relative/checkpoint"] {
        assert_eq!(bytes(path), 39188, "{path}");
    }
    // V1, in several files and in one.
    assert_eq!(bytes("v1_saver/sharded/model.ckpt-300"), 24993);
    assert_eq!(bytes("v1_saver/single/model.ckpt-200"), 24988);
    // By another name.
    let copy = tempfile::tempdir().unwrap();
    let other = copy.path().join("a graph");
    std::fs::copy(golden(&format!("{prefix}.meta")), &other).unwrap();
    assert_eq!(succeed(&[&"meta", &"ls", &"--json", &other]).json()["files"][0]["bytes"], 39188);
    fail(2, "no graph beside it", &[&"meta", &"ls", &golden("all_dtypes/ckpt")]);
    fail(2, "nowhere.index", &[&"meta", &"ls", &golden("nowhere")]);
}

#[test]
fn for_people() {
    let run = succeed(&[&"meta", &"ls", &golden("meta_growth/new_saver/model.ckpt-2")]);
    let (first, rest) = run.text().split_once('\n').unwrap();
    assert!(first.ends_with("model.ckpt-2.meta: 8,075 bytes, written by TensorFlow 2.21.0"));
    assert_eq!(
        rest,
        "  nodes                  6,764 bytes\n\
         \x20 info                     869 bytes\n\
         \x20 saver_def                 76 bytes\n\
         \x20 collections              358 bytes\n\
         \x20 rest                       8 bytes\n\
         56 nodes: Const 17, Identity 9, AssignVariableOp 8, PlaceholderWithDefault 6, NoOp 4, \
         RestoreV2 3, SaveV2 3, ReadVariableOp 2, VarHandleOp 2, VarIsInitializedOp 2\n\
         17 constants of 327 bytes\n\
         2 variables\n\
         \x20 w  DT_FLOAT  [4,4]\n\
         \x20 b  DT_FLOAT  [4]\n\
         collection trainable_variables: 2 values, 184 bytes\n\
         collection variables: 2 values, 174 bytes\n\
         3 savers\n\
         \x20 save/filename/input: 15 nodes, 1,762 bytes, dead\n\
         \x20 save_1/filename/input: 15 nodes, 1,827 bytes, dead\n\
         \x20 save_2/filename/input: 15 nodes, 1,827 bytes, the one that saver_def names\n"
    );
    let run = succeed(&[&"meta", &"ls", &golden("saved_model/module")]);
    assert!(run.text().contains("saved_model.pb [serve]: 21,726 bytes"), "{}", run.text());
    assert!(run.text().contains("signature lookup: (word DT_STRING [?]) -> (id DT_INT64 [?])\n"));
}

#[test]
fn growth_is_explained() {
    let [first, last] = [0, 5].map(|n| golden(&format!("meta_growth/new_saver/model.ckpt-{n}")));
    let run = tfckpt(&[&"meta", &"diff", &first, &last]);
    assert_eq!((run.code, &*run.stderr), (1, ""));
    assert_eq!(
        run.text(),
        "9,141 bytes more: 4,415 bytes became 13,556 bytes\n\
         5 savers came on top (save_1, save_2, save_3, …): 75 nodes, 9,135 bytes, 365 of them \
         constants\n\
         saver_def is different: 6 bytes more\n\
         nobody uses 5 savers of the second: 9,070 bytes\n\
         'meta strip' cuts 9,070 bytes of the second\n"
    );
    let document = tfckpt(&[&"meta", &"diff", &"--json", &first, &last]).json();
    assert_eq!(document["dead_savers"], 5);
    assert_eq!(document["changes"][0]["subject"], "savers");
    assert_eq!(document["changes"][0]["kind"], "added");
    assert_eq!(document["changes"][0]["savers"], 5);
    succeed(&[&"meta", &"diff", &first, &first]);
}

#[test]
fn what_grew_comes_back() {
    let dir = tempfile::tempdir().unwrap();
    for series in ["new_saver", "reimport", "assign_in_loop"] {
        let [first, last] =
            [0, 5].map(|n| golden(&format!("meta_growth/{series}/model.ckpt-{n}.meta")));
        let out = dir.path().join(series);
        let run = succeed(&[&"meta", &"strip", &"--dry-run", &"--json", &last]);
        assert!(!out.exists());
        let written = succeed(&[&"meta", &"strip", &"--json", &last, &out]);
        assert_eq!(written.json(), run.json());
        let size = |path: &Path| std::fs::metadata(path).unwrap().len();
        assert_eq!(written.json()["bytes_after"], size(&out));
        assert!(size(&out).abs_diff(size(&first)) * 50 <= size(&first), "{series}");
        fail(2, "is there already", &[&"meta", &"strip", &last, &out]);
    }
}

/// What diff says that strip cuts is what it cuts, not dead savers alone.
#[test]
fn diff_tells_what_strip_cuts() {
    let [first, last] =
        [0, 5].map(|n| golden(&format!("meta_growth/reimport/model.ckpt-{n}.meta")));
    let run = tfckpt(&[&"meta", &"diff", &first, &last]);
    assert_eq!(run.code, 1);
    let end = "nobody uses 31 savers of the second: 60,421 bytes\n\
               'meta strip' cuts 115,758 bytes of the second\n";
    assert!(run.text().ends_with(end), "{}", run.text());
    let diff = tfckpt(&[&"meta", &"diff", &"--json", &first, &last]).json();
    let strip = succeed(&[&"meta", &"strip", &"--dry-run", &"--json", &last]).json();
    let cut = strip["bytes_before"].as_u64().unwrap() - strip["bytes_after"].as_u64().unwrap();
    assert_eq!(diff["strip_bytes"], cut);
    // There is nothing to strip of a SavedModel.
    let model = golden("saved_model/module");
    let same = succeed(&[&"meta", &"diff", &"--json", &model, &model]).json();
    assert!(same["strip_bytes"].is_null(), "{same}");
}

#[test]
fn what_strip_says() {
    let dir = tempfile::tempdir().unwrap();
    let last = golden("meta_growth/reimport/model.ckpt-5.meta");
    let run = succeed(&[&"meta", &"strip", &last, &dir.path().join("a")]);
    assert_eq!(
        run.text(),
        "465 nodes of 31 dead savers: 60,421 bytes\n\
         341 nodes that did again what another does: 45,788 bytes\n\
         124 values of a collection: 9,548 bytes\n\
         120,173 bytes became 4,415 bytes\n"
    );
    let trained = golden("tf1_saver/relative/model.ckpt-50.meta");
    let run = succeed(&[&"meta", &"strip", &"--training", &trained, &dir.path().join("b")]);
    assert!(run.text().contains("65 nodes for training alone: 10,017 bytes\n"), "{}", run.text());
    fail(
        2,
        "a SavedModel",
        &[&"meta", &"strip", &golden("saved_model/keras"), &dir.path().join("c")],
    );
    assert!(tfckpt(&[&"meta", &"strip", &last]).code == 2);
}

#[test]
fn damage_is_told_with_its_place() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("model.meta");
    let bytes = std::fs::read(golden("meta_growth/control/model.ckpt-0.meta")).unwrap();
    std::fs::write(&path, &bytes[..3000]).unwrap();
    let run = fail(1, "at byte 869", &[&"meta", &"ls", &path]);
    assert!(run.stderr.contains("model.meta: a field of"), "{}", run.stderr);
    fail(1, "at byte", &[&"meta", &"strip", &path, &dir.path().join("out")]);
    assert_eq!(files(dir.path()), ["model.meta"]);
}
