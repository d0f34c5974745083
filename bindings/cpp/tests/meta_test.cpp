/// Graphs: what is in one, what made it grow, and how it is cut back.
#include "support.hpp"

namespace {

using tfckpt::ChangeKind;
using tfckpt::ChangeSubject;
using tfckpt::Meta;
using tfckpt::MetaCut;
using tfckpt::MetaPart;
using tfckpt::SaverUse;

Meta golden(const char* path) { return Meta::open(test::data("golden") / path); }

/// A row of golden/meta.tsv.
std::vector<std::string> split(const std::string& line) {
    std::vector<std::string> columns;
    for (std::size_t at = 0; at <= line.size();) {
        const std::size_t end = std::min(line.find('\t', at), line.size());
        columns.push_back(line.substr(at, end - at));
        at = end + 1;
    }
    return columns;
}

std::optional<std::int64_t> number(const std::string& column) {
    return column == "-" ? std::nullopt : std::optional<std::int64_t>(std::stoll(column));
}

TEST(MetaTest, GoldenGraphsAreAsTensorFlowParsesThem) {
    std::ifstream manifest(test::data("golden/meta.tsv"));
    std::optional<tfckpt::MetaSummary> summary;
    int files = 0;
    for (std::string line; std::getline(manifest, line);) {
        const auto row = split(line);
        SCOPED_TRACE(line);
        if (row[0] == "file") {
            const auto meta = golden(row[1].c_str());
            EXPECT_EQ(meta.path(), (test::data("golden") / row[1]).string());
            EXPECT_EQ(meta.bytes(), number(row[2]));
            EXPECT_EQ(meta.schema_version(), number(row[3]));
            EXPECT_EQ(meta.graph_count(), number(row[4]));
            summary = meta.summarize();
            files++;
        } else if (row[0] == "graph") {
            EXPECT_EQ(summary->tensorflow_version(), row[2]);
            EXPECT_EQ(summary->ops().total(), number(row[3]));
            EXPECT_EQ(summary->functions(), number(row[4]));
            EXPECT_EQ(summary->object_graph_nodes(), number(row[5]));
        } else if (row[0] == "saver_def") {
            EXPECT_EQ(summary->saver_def()->restore_op_name, row[3]);
            EXPECT_EQ(summary->saver_def()->sharded, number(row[5]).value_or(0) != 0);
        } else if (row[0] == "collection") {
            const auto collections = summary->collections();
            EXPECT_TRUE(std::any_of(collections.begin(), collections.end(), [&](const auto& one) {
                return one.key == row[1] && one.values == number(row[2]);
            }));
        }
    }
    EXPECT_GT(files, 45);
}

TEST(MetaTest, SumsUp) {
    const auto meta = golden("meta_growth/new_saver/model.ckpt-2");
    const auto summary = meta.summarize();
    EXPECT_EQ(summary.bytes(), 8075);
    EXPECT_EQ(summary.bytes(MetaPart::kNodes), 6764);
    EXPECT_EQ(summary.bytes(MetaPart::kLibrary), 0);
    EXPECT_EQ(summary.tensorflow_git_version().substr(0, 1), "v");
    EXPECT_EQ(summary.graph_version(), "");
    EXPECT_TRUE(summary.tags().empty());
    EXPECT_FALSE(summary.stripped_default_attrs());
    EXPECT_EQ(summary.stripped_ops(), static_cast<std::int64_t>(summary.ops().list().size()));
    EXPECT_GT(summary.producer(), 1000);
    EXPECT_EQ(summary.min_consumer(), 0);
    std::int64_t nodes = 0, bytes = 0;
    for (const auto& op : summary.ops().list()) {
        nodes += op.nodes;
        bytes += op.bytes;
        EXPECT_EQ(op.nodes == 3, op.name == "SaveV2" || op.name == "RestoreV2") << op.name;
    }
    EXPECT_EQ(nodes, summary.ops().total());
    EXPECT_EQ(bytes, 6764);
    EXPECT_EQ(summary.function_ops().total(), 0);
    EXPECT_EQ(summary.gradients(), 0);
    EXPECT_EQ(summary.constants().count(), 17);
    EXPECT_EQ(summary.constants().bytes(), 327);
    EXPECT_EQ(summary.constants().largest().size(), 10u);
    EXPECT_GE(summary.constants().largest()[0].bytes, summary.constants().largest()[9].bytes);
    EXPECT_EQ(summary.assets(), 0);
    EXPECT_TRUE(summary.signatures().empty());
    FAILS_AS(kInvalidArgument, meta.summarize(1));
}

TEST(MetaTest, TellsSavers) {
    const auto meta = golden("meta_growth/new_saver/model.ckpt-2");
    const auto summary = meta.summarize();
    const auto savers = summary.savers();
    ASSERT_EQ(savers.size(), 3u);
    EXPECT_EQ(savers[1].scope, "save_1");
    EXPECT_EQ(savers[1].first_node, "save_1/filename/input");
    EXPECT_EQ(savers[1].nodes, 15);
    EXPECT_GT(savers[1].bytes, 1700);
    EXPECT_EQ(savers[1].save_ops, 1);
    EXPECT_EQ(savers[1].restore_ops, 1);
    EXPECT_EQ(savers[1].merge_ops, 0);
    EXPECT_EQ(savers[1].used_by, SaverUse::kDead);
    EXPECT_EQ(savers[2].used_by, SaverUse::kSaverDef);
    const auto def = summary.saver_def();
    ASSERT_TRUE(def.has_value());
    EXPECT_EQ(def->filename_tensor_name, "save_2/Const:0");
    EXPECT_EQ(def->save_tensor_name, "save_2/control_dependency:0");
    EXPECT_EQ(def->max_to_keep, 5);
    EXPECT_EQ(def->keep_checkpoint_every_n_hours, 10000);
    EXPECT_EQ(def->version, 2);
    const auto nodes = meta.saver_nodes(1);
    ASSERT_EQ(nodes.list().size(), 15u);
    EXPECT_EQ(nodes.list()[0].name, "save_1/filename/input");
    EXPECT_EQ(nodes.list()[0].op, "Const");
    EXPECT_GT(nodes.list()[0].bytes, 0);
    FAILS_AS(kInvalidArgument, meta.saver_nodes(3));
}

TEST(MetaTest, ListsVariables) {
    const auto meta = golden("tf115/model/model.ckpt-3.meta");
    const auto variables = meta.variables();
    EXPECT_EQ(static_cast<std::int64_t>(variables.list().size()), meta.summarize().variables());
    const auto first = variables.list()[0];
    EXPECT_EQ(first.name, "dense/w");
    EXPECT_EQ(first.op, "VariableV2");
    EXPECT_EQ(first.shared_name, "");
    EXPECT_EQ(first.dtype, tfckpt::DType::kFloat);
    ASSERT_TRUE(first.dims.has_value());
    EXPECT_EQ(test::to_vector(*first.dims), (std::vector<std::int64_t>{4, 3}));
    FAILS_AS(kInvalidArgument, meta.variables(-1));
}

TEST(MetaTest, TellsSignaturesAndCollections) {
    const auto model = golden("saved_model/module");
    const auto summary = model.summarize();
    EXPECT_EQ(model.schema_version(), 1);
    EXPECT_EQ(summary.tags()[0], "serve");
    EXPECT_EQ(summary.assets(), 1);
    ASSERT_EQ(summary.signatures().size(), 3u);
    const auto lookup = summary.signatures()[1];
    EXPECT_EQ(lookup.key(), "lookup");
    EXPECT_EQ(lookup.method_name(), "tensorflow/serving/predict");
    EXPECT_GT(lookup.bytes(), 50);
    const auto word = lookup.inputs()[0];
    EXPECT_EQ(word.key, "word");
    EXPECT_EQ(word.name, "lookup_word:0");
    EXPECT_EQ(word.dtype, tfckpt::DType::kString);
    ASSERT_TRUE(word.dims.has_value());
    EXPECT_EQ(test::to_vector(*word.dims), std::vector<std::int64_t>{-1});
    EXPECT_EQ(lookup.outputs()[0].key, "id");

    const auto trained = golden("tf115/model/model.ckpt-3.meta").summarize();
    const auto contexts = trained.collections()[0];
    EXPECT_EQ(contexts.key, "cond_context");
    EXPECT_EQ(contexts.kind, tfckpt::CollectionKind::kBytes);
    EXPECT_EQ(contexts.values, 2);
    EXPECT_GT(contexts.bytes, 100);
}

TEST(MetaTest, ExplainsGrowth) {
    const auto first = golden("meta_growth/new_saver/model.ckpt-0");
    const auto diff = first.compare(golden("meta_growth/new_saver/model.ckpt-5"));
    EXPECT_EQ(diff.before().bytes(), 4415);
    EXPECT_EQ(diff.after().bytes(), 13556);
    EXPECT_EQ(diff.after().savers().size(), 6u);
    EXPECT_EQ(diff.text().substr(0, 17), "9,141 bytes more:");
    EXPECT_EQ(diff.constants().count(), 25);
    ASSERT_EQ(diff.changes().size(), 2u);
    const auto savers = diff.changes()[0];
    EXPECT_EQ(savers.kind(), ChangeKind::kAdded);
    EXPECT_EQ(savers.subject(), ChangeSubject::kSavers);
    EXPECT_EQ(savers.name(), "");
    EXPECT_EQ(savers.items(), 75);
    EXPECT_EQ(savers.savers(), 5);
    EXPECT_EQ(savers.bytes_before(), 0);
    EXPECT_EQ(savers.bytes_after(), 9135);
    EXPECT_EQ(savers.constant_bytes(), 365);
    ASSERT_EQ(savers.examples().size(), 3u);
    EXPECT_EQ(savers.examples()[2], "save_3");
    EXPECT_EQ(savers.text().substr(0, 22), "5 savers came on top (");
    EXPECT_EQ(diff.changes()[1].name(), "saver_def");
    EXPECT_TRUE(first.compare(first).changes().empty());
    FAILS_AS(kInvalidArgument, first.compare(first, 1));
    FAILS_AS(kInvalidArgument, first.compare(first, 0, 1));
}

TEST(MetaTest, OpensOnlyGraphs) {
    FAILS_AS(kNotFound, golden("all_dtypes/ckpt"));
    FAILS_AS(kDataLoss, golden("manifest.tsv"));
}

class MetaStripTest : public test::Folder {};

TEST_F(MetaStripTest, CutsWhatGrew) {
    const auto last = test::data("golden/meta_growth/reimport/model.ckpt-5.meta");
    const auto out = path("out.meta");
    tfckpt::MetaStripOptions options;
    options.dry_run = true;
    const auto planned = tfckpt::strip_meta(last, out, options);
    EXPECT_TRUE(files().empty());
    const auto stripped = tfckpt::strip_meta(last, out);
    EXPECT_EQ(stripped.bytes_before(), 120173);
    EXPECT_EQ(stripped.bytes_after(), 4415);
    EXPECT_EQ(Meta::open(out).bytes(), 4415);
    EXPECT_EQ(planned.bytes_after(), 4415);
    EXPECT_EQ(stripped.savers(), 31);
    EXPECT_EQ(stripped.count(MetaCut::kSaverNodes), 465);
    EXPECT_EQ(stripped.bytes(MetaCut::kSaverNodes), 60421);
    EXPECT_EQ(stripped.count(MetaCut::kCopies), 341);
    EXPECT_EQ(stripped.count(MetaCut::kCollectionValues), 124);
    EXPECT_EQ(stripped.count(MetaCut::kTraining), 0);
    FAILS_AS(kAlreadyExists, tfckpt::strip_meta(last, out));
    EXPECT_EQ(files(), std::vector<std::string>{"out.meta"});
}

TEST_F(MetaStripTest, CutsNothingThatIsNotAskedFor) {
    const auto out = path("out.meta");
    test::fs::copy(test::data("golden/meta_growth/reimport/model.ckpt-5.meta"), out);
    const std::string before = test::bytes_of(out);
    tfckpt::MetaStripOptions options;
    options.savers = false;
    options.copies = tfckpt::MetaCopies::kKeep;
    options.collections = false;
    FAILS_AS(kAlreadyExists, tfckpt::strip_meta(out, out, options));
    options.replace = true;
    options.sync = false;
    EXPECT_EQ(tfckpt::strip_meta(out, out, options).bytes_after(), 120173);
    EXPECT_EQ(test::bytes_of(out), before);
    options.copies = static_cast<tfckpt::MetaCopies>(3);
    FAILS_AS(kInvalidArgument, tfckpt::strip_meta(out, out, options));
}

TEST_F(MetaStripTest, CutsTrainingAndEqualConstants) {
    tfckpt::MetaStripOptions options;
    options.training = true;
    options.constants = 1024;
    options.copies = tfckpt::MetaCopies::kAll;
    const auto source = test::data("golden/tf115/model/model.ckpt-3");
    const auto stripped = tfckpt::strip_meta(source, path("out.meta"), options);
    EXPECT_GT(stripped.count(MetaCut::kTraining), 50);
    EXPECT_EQ(stripped.count(MetaCut::kConstants), 1);
    EXPECT_EQ(stripped.count(MetaCut::kFunctions), 0);
    FAILS_AS(kUnsupported,
             tfckpt::strip_meta(test::data("golden/saved_model/keras"), path("model"), options));
}

}  // namespace
