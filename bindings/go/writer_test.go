package tfckpt_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	tfckpt "github.com/tfckpt/tfckpt/bindings/go"
)

func TestWriterMakesACheckpointOrNone(t *testing.T) {
	prefix := filepath.Join(t.TempDir(), "new", "ckpt")
	w, err := tfckpt.Create(prefix)
	must(t, err)
	must(t, tfckpt.Add(w, "a", nil, []int8{1}))
	if w.Prefix() != prefix || w.Step() != -1 {
		t.Error(w.Prefix(), w.Step())
	}
	must(t, w.Abort())
	must(t, w.Abort())
	expectIs(t, w.Finish(), tfckpt.ErrClosed)
	expectIs(t, tfckpt.Add(w, "b", nil, []int8{1}), tfckpt.ErrClosed)
	if _, err := os.Stat(filepath.Dir(prefix)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("something is left: %v", err)
	}

	w, err = tfckpt.Create(prefix)
	must(t, err)
	must(t, w.Finish())
	must(t, w.Abort())
	expectIs(t, w.Finish(), tfckpt.ErrClosed)
	if _, err := os.Stat(prefix + ".index"); err != nil {
		t.Error(err)
	}
	_, err = tfckpt.Create(prefix)
	expectIs(t, err, tfckpt.ErrAlreadyExists)
	writeAt(t, prefix, func(w *tfckpt.Writer) {}, tfckpt.WithReplace(true))
}

func TestAddRefuses(t *testing.T) {
	write(t, func(w *tfckpt.Writer) {
		must(t, tfckpt.Add(w, "a", tfckpt.Shape{2}, []float32{1, 2}))
		row := tfckpt.Slice{Starts: []int64{0, 0}, Lengths: []int64{1, 2}}
		for what, c := range map[string]struct {
			code tfckpt.Code
			err  error
		}{
			"again":           {tfckpt.ErrAlreadyExists, tfckpt.Add(w, "a", tfckpt.Shape{2}, []float32{1, 2})},
			"no name":         {tfckpt.ErrInvalidArgument, tfckpt.Add(w, "", nil, []float32{1})},
			"too few":         {tfckpt.ErrInvalidArgument, tfckpt.Add(w, "b", tfckpt.Shape{2}, []float32{1})},
			"negative":        {tfckpt.ErrInvalidArgument, tfckpt.Add(w, "b", tfckpt.Shape{-1}, []float32{1})},
			"strings":         {tfckpt.ErrUnsupported, w.AddBytes("b", tfckpt.String, nil, nil)},
			"too few strings": {tfckpt.ErrInvalidArgument, w.AddStrings("b", tfckpt.Shape{2}, []string{"x"})},
			"odd offsets": {tfckpt.ErrInvalidArgument, w.AddStringData("b", tfckpt.Shape{1},
				tfckpt.StringData{Offsets: []int64{0, 2}, Data: []byte("x")})},
			"ranks":       {tfckpt.ErrInvalidArgument, tfckpt.AddSlice(w, "b", tfckpt.Shape{2}, row, []float32{1, 2})},
			"ranks, too":  {tfckpt.ErrInvalidArgument, w.AddStringsSlice("b", tfckpt.Shape{2}, row, []string{"x"})},
			"ranks again": {tfckpt.ErrInvalidArgument, streamError(w.StreamSlice("b", tfckpt.Float, nil, row))},
		} {
			t.Log(what)
			expectIs(t, c.err, c.code)
		}
	})
}

func streamError(_ *tfckpt.Stream, err error) error { return err }

func TestAddOfAllKinds(t *testing.T) {
	half := func(i int64) tfckpt.Slice { return tfckpt.Slice{Starts: []int64{i}, Lengths: []int64{1}} }
	words := tfckpt.NewStringData([]string{"x", "yz"})
	path := write(t, func(w *tfckpt.Writer) {
		must(t, w.AddStringsSlice("words", tfckpt.Shape{2}, half(1), []string{"yz"}))
		must(t, w.AddStringsSlice("words", tfckpt.Shape{2}, half(0), []string{"x"}))
		must(t, w.AddStringData("again", tfckpt.Shape{2}, words))
		must(t, w.AddStringData("none", tfckpt.Shape{0}, tfckpt.StringData{}))
		must(t, w.AddStrings("one", nil, []string{"é"}))
		must(t, w.AddBytes("quantized", tfckpt.QInt8, tfckpt.Shape{2}, []byte{1, 2}))
		must(t, tfckpt.Add(w, "halves", tfckpt.Shape{2}, []tfckpt.Float16{0x3c00, 0}))
		must(t, tfckpt.Add(w, "ints", tfckpt.Shape{2}, []int{-1, 2}))
	}, tfckpt.WithShards(2), tfckpt.WithAlignment(64))
	r := open(t, path)
	for _, name := range []string{"words", "again"} {
		if got, err := r.ReadStrings(name); err != nil || !slices.Equal(got, []string{"x", "yz"}) {
			t.Error(name, got, err)
		}
	}
	if got, err := r.ReadStrings("none"); err != nil || len(got) != 0 {
		t.Error(got, err)
	}
	if got, err := tfckpt.Values[int](r, "ints"); err != nil || !slices.Equal(got, []int{-1, 2}) {
		t.Error(got, err)
	}
	quantized, err := r.Lookup("quantized")
	must(t, err)
	if quantized.DType != tfckpt.QInt8 || r.NumShards() != 2 {
		t.Error(quantized.DType, r.NumShards())
	}
}

func TestV1(t *testing.T) {
	path := writeFloats(t, filepath.Join(t.TempDir(), "old"), 1, "a", "b")
	v1 := filepath.Join(t.TempDir(), "v1")
	writeAt(t, v1, func(w *tfckpt.Writer) {
		must(t, tfckpt.Add(w, "a", tfckpt.Shape{2}, []float32{1, 2}))
	}, tfckpt.WithFormat(tfckpt.V1))
	r := open(t, v1)
	values, err := tfckpt.Values[float32](r, "a")
	if r.Format() != tfckpt.V1 || err != nil || !slices.Equal(values, []float32{1, 2}) {
		t.Error(r.Format(), values, err)
	}
	if f := open(t, path).Format(); f.String() != "V2" {
		t.Error(f)
	}
}

func TestStream(t *testing.T) {
	path := write(t, func(w *tfckpt.Writer) {
		s, err := w.Stream("streamed", tfckpt.UInt16, tfckpt.Shape{500})
		must(t, err)
		_, err = w.Stream("another", tfckpt.UInt16, nil)
		expectIs(t, err, tfckpt.ErrInvalidArgument)
		expectIs(t, tfckpt.Add(w, "another", nil, []int8{1}), tfckpt.ErrInvalidArgument)
		n, err := io.Copy(s, iotestOneByte{bytes.NewReader(bytes.Repeat([]byte{1, 2}, 500))})
		if n != 1000 || err != nil {
			t.Error(n, err)
		}
		n2, err := s.Write([]byte{1})
		if n2 != 0 {
			t.Error(n2)
		}
		expectIs(t, err, tfckpt.ErrInvalidArgument)
		must(t, s.Close())
		must(t, s.Close())
		must(t, s.Abort())
		_, err = s.Write([]byte{1})
		expectIs(t, err, tfckpt.ErrClosed)

		s, err = w.Stream("short", tfckpt.UInt16, tfckpt.Shape{2})
		must(t, err)
		first := s.Close()
		expectIs(t, first, tfckpt.ErrInvalidArgument)
		if s.Close() != first {
			t.Error("another error the second time")
		}
		s, err = w.Stream("short", tfckpt.UInt8, tfckpt.Shape{1})
		must(t, err)
		must(t, s.Abort())
		must(t, s.Abort())
		s, err = w.StreamSlice("slice", tfckpt.UInt8, tfckpt.Shape{2}, tfckpt.Slice{Starts: []int64{1}, Lengths: []int64{1}})
		must(t, err)
		_, err = s.Write([]byte{7})
		must(t, err)
		must(t, s.Close())
		must(t, tfckpt.Add(w, "short", nil, []uint8{3}))
	})
	r := open(t, path)
	values, err := tfckpt.Values[uint16](r, "streamed")
	if err != nil || len(values) != 500 || values[499] != 0x0201 {
		t.Error(len(values), err)
	}
	if count, _ := r.Len(); count != 3 {
		t.Error(count)
	}
}

type iotestOneByte struct{ r io.Reader }

func (r iotestOneByte) Read(p []byte) (int, error) { return r.r.Read(p[:min(1, len(p))]) }

func TestStreamOfAWriterThatIsGone(t *testing.T) {
	w, err := tfckpt.Create(filepath.Join(t.TempDir(), "ckpt"))
	must(t, err)
	s, err := w.Stream("a", tfckpt.UInt8, tfckpt.Shape{1})
	must(t, err)
	expectIs(t, w.Finish(), tfckpt.ErrInvalidArgument)
	_, err = s.Write([]byte{1})
	expectIs(t, err, tfckpt.ErrClosed)
	expectIs(t, s.Close(), tfckpt.ErrClosed)
	must(t, s.Abort())
}

func TestWriterIsSharedByGoroutines(t *testing.T) {
	path := write(t, func(w *tfckpt.Writer) {
		var all sync.WaitGroup
		for i := range 8 {
			all.Add(1)
			go func() {
				defer all.Done()
				for k := range 50 {
					name := fmt.Sprintf("%d/%d", i, k)
					if err := tfckpt.Add(w, name, tfckpt.Shape{2}, []int{i, k}); err != nil {
						t.Error(err)
					}
				}
			}()
		}
		all.Wait()
	})
	r := open(t, path)
	if count, err := r.Len(); count != 400 || err != nil {
		t.Error(count, err)
	}
	values, err := tfckpt.Values[int](r, "7/49")
	if err != nil || !slices.Equal(values, []int{7, 49}) {
		t.Error(values, err)
	}
}

func TestMerge(t *testing.T) {
	dir := t.TempDir()
	one := writeFloats(t, filepath.Join(dir, "one"), 1, "a", "b", "c")
	two := writeFloats(t, filepath.Join(dir, "two"), 2, "b", "c", "d")
	dst := filepath.Join(dir, "dst")
	err := tfckpt.Merge(t.Context(), dst, []string{one, two})
	expectIs(t, err, tfckpt.ErrInvalidArgument)
	var e *tfckpt.Error
	if !errors.As(err, &e) || !slices.Equal(e.Names, []string{"b", "c"}) || e.Missing() != nil {
		t.Errorf("%+v", e)
	}
	expectIs(t, tfckpt.Merge(t.Context(), dst, nil), tfckpt.ErrInvalidArgument)
	expectIs(t, tfckpt.Merge(t.Context(), dst, []string{one, two + "\x00"}), tfckpt.ErrInvalidArgument)
	expectIs(t, tfckpt.Merge(t.Context(), dst, []string{filepath.Join(dir, "none")}), tfckpt.ErrNotFound)
	must(t, tfckpt.Merge(t.Context(), dst, []string{one, two}, tfckpt.WithOnConflict(tfckpt.ConflictLast),
		tfckpt.WithTransfer(tfckpt.TransferLink), tfckpt.WithSync(false)))
	expectScalars(t, open(t, dst), map[string]float32{"a": 1, "b": 2, "c": 2, "d": 2})
	expectIs(t, tfckpt.Merge(t.Context(), dst, []string{one}), tfckpt.ErrAlreadyExists)
	must(t, tfckpt.Merge(t.Context(), dst+"2", []string{one}, tfckpt.WithThreads(3), tfckpt.WithMaxInFlight(1<<20)))
	expectScalars(t, open(t, dst+"2"), map[string]float32{"a": 1, "b": 1, "c": 1})
}

// expectScalars sees that a checkpoint has these and no others.
func expectScalars(t *testing.T, r *tfckpt.Reader, wanted map[string]float32) {
	t.Helper()
	for name, tensor := range r.All() {
		must(t, tensor.Err())
		values, err := tfckpt.Values[float32](r, name)
		if value, ok := wanted[name]; err != nil || !ok || values[0] != value {
			t.Errorf("%q: %v, %v", name, values, err)
		}
	}
	if count, err := r.Len(); count != len(wanted) || err != nil {
		t.Error(count, err)
	}
}

func TestCopyOnThreads(t *testing.T) {
	dir := t.TempDir()
	src := write(t, func(w *tfckpt.Writer) {
		values := make([]float32, 3<<19)
		for _, name := range []string{"a", "b", "c"} {
			must(t, w.AddMany(t.Context(), []tfckpt.WriteRequest{tfckpt.From(name, tfckpt.Shape{3 << 19}, values)}))
		}
	})
	one, many := filepath.Join(dir, "one"), filepath.Join(dir, "many")
	must(t, tfckpt.Copy(t.Context(), one, src))
	must(t, tfckpt.Copy(t.Context(), many, src, tfckpt.WithThreads(3), tfckpt.WithMaxInFlight(1<<20)))
	for _, file := range []string{".index", ".data-00000-of-00001"} {
		want, err := os.ReadFile(one + file)
		must(t, err)
		got, err := os.ReadFile(many + file)
		if err != nil || !bytes.Equal(got, want) {
			t.Error(file, err)
		}
	}
	expectIs(t, tfckpt.Copy(t.Context(), many+"2", src, tfckpt.WithThreads(-1)), tfckpt.ErrInvalidArgument)
}

func TestOverlayAndCopy(t *testing.T) {
	dir := t.TempDir()
	one := writeFloats(t, filepath.Join(dir, "one"), 1, "m/a", "m/b")
	two := writeFloats(t, filepath.Join(dir, "two"), 2, "a", "b")
	_, err := tfckpt.OpenOverlay(nil)
	expectIs(t, err, tfckpt.ErrInvalidArgument)
	reader := open(t, two)
	r, err := tfckpt.OpenOverlay([]tfckpt.Source{
		{Path: one, Names: []tfckpt.Rule{tfckpt.MapPrefix("m/", "")}},
		{Reader: reader, Names: []tfckpt.Rule{tfckpt.MapName("b", "c")}, OnlyMapped: true},
	}, tfckpt.WithOnConflict(tfckpt.ConflictFirst))
	must(t, err)
	defer r.Close()
	must(t, reader.Close())
	expectScalars(t, r, map[string]float32{"a": 1, "b": 1, "c": 2})
	if r.Format() != tfckpt.Overlay || r.Prefix() != "" || r.Format().String() != "overlay" {
		t.Error(r.Format(), r.Prefix())
	}

	dst := filepath.Join(dir, "dst")
	must(t, r.CopyTo(t.Context(), dst, tfckpt.WithNames(tfckpt.MapPattern("*", "x/*")), tfckpt.WithSync(false)))
	expectScalars(t, open(t, dst), map[string]float32{"x/a": 1, "x/b": 1, "x/c": 2})
	cast := filepath.Join(dir, "cast")
	must(t, tfckpt.Copy(t.Context(), cast, dst, tfckpt.WithFilter("x/[ab]", "x/c"), tfckpt.WithCast(tfckpt.Half),
		tfckpt.WithShards(2), tfckpt.WithReplace(true), tfckpt.WithAlignment(1)))
	halves, err := tfckpt.Values[tfckpt.Float16](open(t, cast), "x/c")
	if err != nil || halves[0].Float32() != 2 {
		t.Error(halves, err)
	}
	expectIs(t, tfckpt.Copy(t.Context(), cast+"2", dst, tfckpt.WithFilter("none")), tfckpt.ErrNotFound)
	expectIs(t, tfckpt.Copy(t.Context(), cast+"2", dst, tfckpt.WithoutOptimizerState()), tfckpt.ErrInvalidArgument)
	expectIs(t, tfckpt.Copy(t.Context(), cast+"2", dst, tfckpt.WithData(tfckpt.DataLink), tfckpt.WithCast(tfckpt.Half)),
		tfckpt.ErrInvalidArgument)
	_, err = tfckpt.OpenOverlay([]tfckpt.Source{{Path: one, Reader: r}})
	expectIs(t, err, tfckpt.ErrInvalidArgument)
}
