package tfckpt_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	tfckpt "github.com/tfckpt/tfckpt/bindings/go"
)

func TestManagerKeepsTheNewest(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "model")
	m, err := tfckpt.OpenManager(dir, tfckpt.WithMaxToKeep(2), tfckpt.WithCheckpointName("step"),
		tfckpt.WithKeepEvery(time.Hour), tfckpt.WithSync(false), tfckpt.WithShards(2))
	must(t, err)
	defer m.Close()
	if m.Latest() != "" || len(m.Checkpoints()) != 0 {
		t.Error(m.Latest())
	}
	save := func(begin func() (*tfckpt.Writer, error)) *tfckpt.Writer {
		t.Helper()
		w, err := begin()
		must(t, err)
		defer w.Abort()
		must(t, tfckpt.Add(w, "a", nil, []int64{w.Step()}))
		must(t, w.Finish())
		return w
	}
	save(m.Save)
	save(func() (*tfckpt.Writer, error) { return m.SaveStep(7) })
	last := save(m.Save)
	if last.Step() != 8 || last.Prefix() != filepath.Join(dir, "step-8") || m.Latest() != last.Prefix() {
		t.Error(last.Step(), last.Prefix(), m.Latest())
	}
	removed, problems := last.Removed()
	if !slices.Equal(removed, []string{filepath.Join(dir, "step-1")}) || len(problems) != 0 {
		t.Error(removed, problems)
	}
	if kept := m.Checkpoints(); len(kept) != 2 || kept[1] != last.Prefix() {
		t.Error(kept)
	}
	_, err = m.SaveStep(7)
	expectIs(t, err, tfckpt.ErrAlreadyExists)
	must(t, m.Close())
	must(t, m.Close())
	_, err = m.Save()
	expectIs(t, err, tfckpt.ErrClosed)
	if m.Latest() != "" || m.Checkpoints() != nil {
		t.Error("it is closed")
	}
	expectDirectory(t, dir)
}

func expectDirectory(t *testing.T, dir string) {
	latest, err := tfckpt.Latest(dir)
	if err != nil || latest != filepath.Join(dir, "step-8") {
		t.Error(latest, err)
	}
	state, err := tfckpt.ReadState(dir)
	must(t, err)
	if state.Latest != "step-8" || len(state.Checkpoints) != 2 || time.Since(state.Checkpoints[1].Saved) > time.Minute {
		t.Errorf("%+v", state)
	}
	damage(t, latest+".data-00000-of-00002")
	valid, skipped, err := tfckpt.LatestValid(dir)
	if err != nil || valid != filepath.Join(dir, "step-7") || len(skipped) != 1 ||
		skipped[0].Path != latest || skipped[0].Problem.Code != tfckpt.ErrDataLoss {
		t.Error(valid, skipped, err)
	}
	quick, _, err := tfckpt.LatestValid(dir, tfckpt.WithVerify(false))
	if err != nil || quick != latest {
		t.Error(quick, err)
	}
	repaired, err := tfckpt.Repair(dir, tfckpt.WithSync(false))
	must(t, err)
	if !repaired.Changed || repaired.Latest != valid || len(repaired.Dropped) != 1 || repaired.State.Latest != "step-7" {
		t.Errorf("%+v", repaired)
	}
}

func TestDirectoriesWithoutCheckpoints(t *testing.T) {
	dir := t.TempDir()
	_, err := tfckpt.Latest(dir)
	expectIs(t, err, tfckpt.ErrNotFound)
	_, _, err = tfckpt.LatestValid(dir)
	expectIs(t, err, tfckpt.ErrNotFound)
	_, err = tfckpt.ReadState(dir, tfckpt.WithStateFile("other"))
	expectIs(t, err, tfckpt.ErrNotFound)
	_, err = tfckpt.Repair(dir)
	expectIs(t, err, tfckpt.ErrNotFound)
	_, err = tfckpt.GC(filepath.Join(dir, "none"))
	expectIs(t, err, tfckpt.ErrNotFound)
	_, err = tfckpt.OpenManager(dir, tfckpt.WithFormat(tfckpt.V1))
	expectIs(t, err, tfckpt.ErrUnsupported)
	_, err = tfckpt.OpenManager(dir, tfckpt.WithMapped(true))
	expectIs(t, err, tfckpt.ErrInvalidArgument)
}

func TestGCRemovesWhatIsForgotten(t *testing.T) {
	dir := t.TempDir()
	w, err := tfckpt.Create(filepath.Join(dir, "ckpt"))
	must(t, err)
	defer w.Abort()
	must(t, tfckpt.Add(w, "a", nil, []int8{1}))
	stale := filepath.Join(dir, "x.data-00000-of-00001.tempstate123")
	must(t, os.WriteFile(stale, nil, 0o600))
	dry, err := tfckpt.GC(dir, tfckpt.WithTensorFlowFiles(true), tfckpt.WithMinAge(0), tfckpt.WithDryRun(true))
	must(t, err)
	done, err := tfckpt.GC(dir, tfckpt.WithTensorFlowFiles(true), tfckpt.WithMinAge(0))
	must(t, err)
	if !slices.Equal(dry.Removed, []string{stale}) || !slices.Equal(done.Removed, []string{stale}) || len(done.InUse) == 0 {
		t.Errorf("%+v", done)
	}
	if _, err := os.Stat(stale); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	_, err = tfckpt.GC(dir, tfckpt.WithMinAge(-time.Hour))
	expectIs(t, err, tfckpt.ErrInvalidArgument)
}

func TestGCRemovesOrphansOnlyIfAsked(t *testing.T) {
	dir := t.TempDir()
	kept := writeFloats(t, filepath.Join(dir, "kept"), 1, "a")
	orphan := writeFloats(t, filepath.Join(dir, "orphan"), 1, "a") + ".data-00000-of-00001"
	must(t, os.Remove(filepath.Join(dir, "orphan.index")))
	for _, c := range []struct {
		opts    []tfckpt.Option
		removed []string
	}{
		{[]tfckpt.Option{tfckpt.WithMinAge(0)}, nil},
		{[]tfckpt.Option{tfckpt.WithOrphans(true)}, nil}, // a day must have passed
		{[]tfckpt.Option{tfckpt.WithOrphans(true), tfckpt.WithMinAge(0)}, []string{orphan}},
	} {
		done, err := tfckpt.GC(dir, c.opts...)
		must(t, err)
		if !slices.Equal(done.Removed, c.removed) {
			t.Errorf("%+v", done)
		}
	}
	if _, err := os.Stat(orphan); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	report, err := tfckpt.Verify(t.Context(), kept)
	if err != nil || !report.OK() {
		t.Error(report, err)
	}
}

func TestVerifyListsAllThatIsWrong(t *testing.T) {
	_, err := tfckpt.Verify(t.Context(), filepath.Join(t.TempDir(), "none"))
	expectIs(t, err, tfckpt.ErrNotFound)
	path := writeFloats(t, filepath.Join(t.TempDir(), "ckpt"), 1, "a", "b")
	report, err := tfckpt.Verify(t.Context(), path)
	if err != nil || !report.OK() || report.Tensors != 2 || report.Bytes != 8 {
		t.Error(report, err)
	}
	damage(t, path+".data-00000-of-00001")
	report, err = tfckpt.Verify(t.Context(), path)
	if err != nil || report.OK() || len(report.Problems) != 1 || report.Problems[0].Tensor != "b" {
		t.Error(report, err)
	}
}
