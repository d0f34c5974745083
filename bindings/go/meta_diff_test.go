package tfckpt_test

import (
	"path/filepath"
	"strings"
	"testing"

	tfckpt "github.com/tfckpt/tfckpt/bindings/go"
)

func TestDiffMetaExplainsGrowth(t *testing.T) {
	folder := data("golden", "meta_growth", "new_saver")
	first, last := filepath.Join(folder, "model.ckpt-0"), filepath.Join(folder, "model.ckpt-5")
	diff, err := tfckpt.DiffMeta(first, last)
	must(t, err)
	if len(diff.Changes) == 0 || !strings.Contains(diff.Text, diff.Changes[0].Text) {
		t.Fatalf("%+v", diff)
	}
	change := diff.Changes[0]
	if change.Kind != tfckpt.ChangeAdded || change.Subject != tfckpt.SubjectSavers || change.Items != 75 ||
		change.SizeBefore != 0 || change.SizeAfter != 9135 {
		t.Errorf("%+v", change)
	}
	same, err := tfckpt.DiffMeta(first, first+".meta")
	if err != nil || len(same.Changes) != 0 {
		t.Errorf("%+v, %v", same, err)
	}
	_, err = tfckpt.DiffMeta(first, filepath.Join(t.TempDir(), "none"))
	expectIs(t, err, tfckpt.ErrNotFound)
	_, err = tfckpt.DiffMeta(data("README.md"), first)
	expectIs(t, err, tfckpt.ErrDataLoss)
}
