package tfckpt_test

import (
	"os"
	"path/filepath"
	"testing"

	tfckpt "github.com/tfckpt/tfckpt/bindings/go"
)

// write makes a checkpoint in a folder of the test, and returns its prefix.
func write(t testing.TB, fill func(w *tfckpt.Writer), opts ...tfckpt.Option) string {
	t.Helper()
	return writeAt(t, filepath.Join(t.TempDir(), "ckpt"), fill, opts...)
}

func writeAt(t testing.TB, prefix string, fill func(w *tfckpt.Writer), opts ...tfckpt.Option) string {
	t.Helper()
	w, err := tfckpt.Create(prefix, append([]tfckpt.Option{tfckpt.WithSync(false)}, opts...)...)
	must(t, err)
	defer w.Abort()
	fill(w)
	must(t, w.Finish())
	return prefix
}

// writeFloats makes a checkpoint of scalars.
func writeFloats(t testing.TB, prefix string, value float32, names ...string) string {
	t.Helper()
	return writeAt(t, prefix, func(w *tfckpt.Writer) {
		for _, name := range names {
			must(t, tfckpt.Add(w, name, nil, []float32{value}))
		}
	})
}

// sample is a checkpoint with something of everything.
func sample(t testing.TB) string {
	t.Helper()
	return write(t, func(w *tfckpt.Writer) {
		// One byte, which leaves all behind it unaligned.
		must(t, tfckpt.Add(w, "a/flag", nil, []bool{true}))
		must(t, tfckpt.Add(w, "a/matrix", tfckpt.Shape{2, 3}, []float32{1, 2, 3, 4, 5, 6}))
		lower := tfckpt.Slice{Starts: []int64{1, 0}, Lengths: []int64{1, tfckpt.All}}
		upper := tfckpt.Slice{Starts: []int64{0, 0}, Lengths: []int64{1, tfckpt.All}}
		must(t, tfckpt.AddSlice(w, "b/parts", tfckpt.Shape{2, 2}, lower, []float64{3, 4}))
		must(t, tfckpt.AddSlice(w, "b/parts", tfckpt.Shape{2, 2}, upper, []float64{1, 2}))
		must(t, w.AddStrings("c/words", tfckpt.Shape{3}, []string{"one", "", "three"}))
		must(t, w.AddBytes("d/odd bools", tfckpt.Bool, tfckpt.Shape{3}, []byte{0, 1, 7}))
		must(t, tfckpt.Add(w, "empty", tfckpt.Shape{0, 4}, []float32{}))
	}, tfckpt.WithAlignment(1))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// damage changes the last byte of a file.
func damage(t testing.TB, path string) {
	t.Helper()
	content, err := os.ReadFile(path)
	must(t, err)
	content[len(content)-1] ^= 1
	must(t, os.WriteFile(path, content, 0o600))
}

// fewer is a tenth of a large number in a test that is to be short, or has the race detector,
// which makes all slow.
func fewer(count int) int {
	if testing.Short() || raceDetector {
		return count / 10
	}
	return count
}
