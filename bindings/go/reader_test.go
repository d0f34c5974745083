package tfckpt_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	tfckpt "github.com/tfckpt/tfckpt/bindings/go"
)

func TestOpenTakesWhatLeadsToACheckpoint(t *testing.T) {
	prefix := sample(t)
	for _, path := range []string{prefix, prefix + ".index", prefix + ".data-00000-of-00001", filepath.Dir(prefix)} {
		r := open(t, path)
		if r.Prefix() != prefix || r.Format() != tfckpt.V2 || r.NumShards() != 1 || r.BigEndian() {
			t.Errorf("%s: %q, %v, %d", path, r.Prefix(), r.Format(), r.NumShards())
		}
	}
	_, err := tfckpt.Open(prefix + "\x00.index")
	expectIs(t, err, tfckpt.ErrInvalidArgument)
	_, err = tfckpt.Open(prefix+".index", tfckpt.WithMaxBlock(16))
	expectIs(t, err, tfckpt.ErrResourceLimit)
	r := open(t, prefix, tfckpt.WithMapped(true), tfckpt.WithIndexCache(0), tfckpt.Option{})
	if _, err := r.Read("a/matrix", nil); err != nil {
		t.Error(err)
	}
}

func TestLimits(t *testing.T) {
	prefix := sample(t)
	_, err := tfckpt.Open(prefix, tfckpt.WithMaxIndex(50))
	expectIs(t, err, tfckpt.ErrResourceLimit)
	_, err = tfckpt.Open(prefix, tfckpt.WithMaxIndex(-1))
	expectIs(t, err, tfckpt.ErrInvalidArgument)
	r := open(t, prefix, tfckpt.WithMaxTensors(1), tfckpt.WithMaxTensorBytes(8))
	_, err = r.Len()
	expectIs(t, err, tfckpt.ErrResourceLimit)
	_, err = r.Read("a/matrix", nil)
	expectIs(t, err, tfckpt.ErrResourceLimit)
}

func TestLookup(t *testing.T) {
	r := open(t, sample(t))
	matrix, err := r.Lookup("a/matrix")
	must(t, err)
	if matrix.DType != tfckpt.Float || matrix.Shape.String() != "[2,3]" || matrix.NumElements() != 6 ||
		matrix.ByteSize() != 24 || matrix.Offset != 1 || matrix.StoredSize != 24 || matrix.CRC32C == 0 {
		t.Errorf("%+v", matrix)
	}
	parts, err := r.Lookup("b/parts")
	must(t, err)
	if parts.Shard != -1 || len(parts.Slices) != 2 || parts.Slices[0].String() != "1,1:-" {
		t.Errorf("%+v", parts)
	}
	words, err := r.Lookup("c/words")
	must(t, err)
	if !words.HasStrings() || words.ByteSize() != -1 {
		t.Errorf("%+v", words)
	}
	_, err = r.Lookup("none")
	expectIs(t, err, tfckpt.ErrNotFound)
	_, err = r.Lookup("")
	expectIs(t, err, tfckpt.ErrNotFound)
}

func TestResolveTakesAPathOfTheProgram(t *testing.T) {
	r := open(t, data("golden", "object_based", "keras", "ckpt-50"))
	tensor, err := r.Resolve("save_counter")
	must(t, err)
	if tensor.Name != "save_counter/.ATTRIBUTES/VARIABLE_VALUE" {
		t.Error(tensor.Name)
	}
	_, err = r.Resolve("no such thing")
	expectIs(t, err, tfckpt.ErrNotFound)
}

func TestList(t *testing.T) {
	r := open(t, sample(t))
	var names []string
	for tensor, err := range r.List("a/") {
		must(t, err)
		names = append(names, tensor.Name)
	}
	if !slices.Equal(names, []string{"a/flag", "a/matrix"}) {
		t.Error(names)
	}
	for range r.List("none") {
		t.Error("there is none")
	}
	count := 0
	for range r.All() {
		if count++; count == 2 {
			break
		}
	}
	// A loop goes on though the reader is closed.
	count = 0
	for _, tensor := range r.All() {
		must(t, tensor.Err())
		must(t, r.Close())
		count++
	}
	if count != 6 {
		t.Errorf("%d tensors", count)
	}
	for name, tensor := range r.All() {
		expectIs(t, tensor.Err(), tfckpt.ErrClosed)
		if name != "" {
			t.Error(name)
		}
	}
}

func TestReadIntoMemory(t *testing.T) {
	r := open(t, sample(t))
	dst := make([]byte, 30)
	front, err := r.Read("a/matrix", dst)
	must(t, err)
	if len(front) != 24 || &front[0] != &dst[0] {
		t.Errorf("%d bytes", len(front))
	}
	_, err = r.Read("a/matrix", dst[:23])
	expectIs(t, err, tfckpt.ErrBufferTooSmall)
	_, err = r.Read("a/matrix", []byte{})
	expectIs(t, err, tfckpt.ErrBufferTooSmall)
	_, err = r.Read("c/words", nil)
	expectIs(t, err, tfckpt.ErrInvalidArgument)
	empty, err := r.Read("empty", nil)
	if err != nil || len(empty) != 0 {
		t.Error(empty, err)
	}
	// Memory in the middle of what has pointers.
	mixed := &struct {
		before *int
		memory [24]byte
		after  *int
	}{before: new(int), after: new(int)}
	if _, err := r.Read("a/matrix", mixed.memory[:]); err != nil || !bytes.Equal(mixed.memory[:], front) {
		t.Error(err)
	}
}

func TestReadSlice(t *testing.T) {
	r := open(t, sample(t))
	column := tfckpt.Slice{Starts: []int64{0, 1}, Lengths: []int64{tfckpt.All, 1}}
	values, err := tfckpt.ValuesSlice[float32](r, "a/matrix", column)
	if err != nil || !slices.Equal(values, []float32{2, 5}) {
		t.Error(values, err)
	}
	values, err = tfckpt.ValuesSlice[float32](r, "a/matrix", column, tfckpt.WithVerify(false))
	if err != nil || !slices.Equal(values, []float32{2, 5}) {
		t.Error(values, err)
	}
	words, err := r.ReadStringsSlice("c/words", tfckpt.Slice{Starts: []int64{1}, Lengths: []int64{2}})
	if err != nil || !slices.Equal(words, []string{"", "three"}) {
		t.Error(words, err)
	}
	for _, bad := range []tfckpt.Slice{
		{Starts: []int64{0}, Lengths: []int64{1}},
		{Starts: []int64{0, 0}, Lengths: []int64{1}},
		{Starts: []int64{0, 3}, Lengths: []int64{1, 1}},
		{Starts: []int64{-1, 0}, Lengths: []int64{1, 1}},
	} {
		_, err := r.ReadSlice("a/matrix", bad, nil)
		expectIs(t, err, tfckpt.ErrInvalidArgument)
	}
}

func TestSliceText(t *testing.T) {
	for _, text := range []string{"", "-", "0,2:-", "-:3,4:-"} {
		slice, err := tfckpt.ParseSlice(text)
		if err != nil || slice.String() != text {
			t.Errorf("%q: %v, %v", text, slice, err)
		}
	}
	for _, text := range []string{":", "1", "1,", "a,b", "1,-1", "-1,1", "0,2:"} {
		_, err := tfckpt.ParseSlice(text)
		expectIs(t, err, tfckpt.ErrInvalidArgument)
	}
	slice, _ := tfckpt.ParseSlice("1,2:-")
	if shape := slice.Shape(tfckpt.Shape{5, 7}); shape.String() != "[2,7]" {
		t.Error(shape)
	}
}

type weight float32

func TestValues(t *testing.T) {
	r := open(t, sample(t))
	weights, err := tfckpt.Values[weight](r, "a/matrix")
	if err != nil || !slices.Equal(weights, []weight{1, 2, 3, 4, 5, 6}) {
		t.Error(weights, err)
	}
	bools, err := tfckpt.Values[bool](r, "d/odd bools")
	if err != nil || !slices.Equal(bools, []bool{false, true, true}) {
		t.Error(bools, err)
	}
	// A bool that is not 0 or 1 would not be equal to true.
	if raw := *(*[3]byte)(reflect.ValueOf(bools).UnsafePointer()); raw != [3]byte{0, 1, 1} {
		t.Error(raw)
	}
	_, err = tfckpt.Values[float64](r, "a/matrix")
	expectIs(t, err, tfckpt.ErrInvalidArgument)
	var e *tfckpt.Error
	if !errors.As(err, &e) || e.Tensor != "a/matrix" {
		t.Errorf("%+v", err)
	}
	front, err := tfckpt.ReadValues(r, "b/parts", make([]float64, 5))
	if err != nil || !slices.Equal(front, []float64{1, 2, 3, 4}) {
		t.Error(front, err)
	}
	_, err = tfckpt.ReadValues(r, "b/parts", make([]float64, 3))
	expectIs(t, err, tfckpt.ErrBufferTooSmall)
	_, err = tfckpt.ReadValues(r, "none", []float64(nil))
	expectIs(t, err, tfckpt.ErrNotFound)
}

func TestReadStringData(t *testing.T) {
	r := open(t, sample(t))
	words, err := r.ReadStringData("c/words")
	must(t, err)
	if words.Len() != 3 || string(words.At(2)) != "three" || !slices.Equal(words.Offsets, []int64{0, 3, 3, 8}) {
		t.Errorf("%+v", words)
	}
	_, err = r.ReadStrings("a/matrix")
	expectIs(t, err, tfckpt.ErrInvalidArgument)
}

func TestSectionReadsAnyRange(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	shape := tfckpt.Shape{3, 1, 4, 5}
	values := make([]int32, shape.NumElements())
	for i := range values {
		values[i] = random.Int32()
	}
	half := func(i int64) tfckpt.Slice {
		return tfckpt.Slice{Starts: []int64{0, 0, 2 * i, 0}, Lengths: []int64{tfckpt.All, 1, 2, 5}}
	}
	path := write(t, func(w *tfckpt.Writer) {
		must(t, tfckpt.Add(w, "whole", shape, values))
		for i := range int64(2) {
			var part []int32
			for outer := range 3 {
				from := outer*20 + int(i)*10
				part = append(part, values[from:from+10]...)
			}
			must(t, tfckpt.AddSlice(w, "parts", shape, half(i), part))
		}
	}, tfckpt.WithBigEndian(true))
	r := open(t, path)
	for _, name := range []string{"whole", "parts"} {
		content, err := r.Read(name, nil)
		must(t, err)
		section, err := r.Section(name)
		must(t, err)
		if section.Size() != int64(len(content)) || section.Tensor().Name != name {
			t.Error(section.Size())
		}
		for range 2000 {
			from := random.IntN(len(content))
			p := make([]byte, random.IntN(len(content)+8-from))
			n, err := section.ReadAt(p, int64(from))
			if wanted := min(len(p), len(content)-from); n != wanted || (err == io.EOF) != (n < len(p)) ||
				!bytes.Equal(p[:n], content[from:from+n]) {
				t.Fatalf("%d bytes from %d: %d, %v", len(p), from, n, err)
			}
		}
		_, err = section.ReadAt(nil, -1)
		expectIs(t, err, tfckpt.ErrInvalidArgument)
		if n, err := section.ReadAt(make([]byte, 1), section.Size()); n != 0 || err != io.EOF {
			t.Error(n, err)
		}
	}
	_, err := r.Section("whole", tfckpt.WithThreads(2))
	expectIs(t, err, tfckpt.ErrInvalidArgument)
}

func TestSectionGivesNothingOfWhatIsDamaged(t *testing.T) {
	path := writeFloats(t, filepath.Join(t.TempDir(), "ckpt"), 1, "a")
	damage(t, path+".data-00000-of-00001")
	r := open(t, path)
	section, err := r.Section("a")
	must(t, err)
	var written bytes.Buffer
	_, err = section.WriteTo(&written)
	expectIs(t, err, tfckpt.ErrDataLoss)
	_, err = section.ReadAt(make([]byte, 1), 0)
	expectIs(t, err, tfckpt.ErrDataLoss)
	if written.Len() > 0 {
		t.Error(written.Bytes())
	}
	unchecked, err := r.Section("a", tfckpt.WithVerify(false))
	must(t, err)
	if n, err := unchecked.WriteTo(&written); n != 4 || err != nil {
		t.Error(n, err)
	}
}

func TestView(t *testing.T) {
	r := open(t, write(t, func(w *tfckpt.Writer) {
		must(t, tfckpt.Add(w, "m", tfckpt.Shape{4}, []float32{1, 2, 3, 4}))
		must(t, tfckpt.Add(w, "b", tfckpt.Shape{1}, []bool{true}))
	}))
	failed := errors.New("failed")
	err := tfckpt.ViewValues(r, "m", func(values []float32) error {
		// Whoever closes the reader, the view stays.
		must(t, r.Close())
		if !slices.Equal(values, []float32{1, 2, 3, 4}) || cap(values) != 4 {
			t.Error(values)
		}
		return failed
	})
	if err != failed {
		t.Error(err)
	}
	expectIs(t, r.View("m", func([]byte) error { return nil }), tfckpt.ErrClosed)

	r = open(t, sample(t))
	expectIs(t, tfckpt.ViewValues(r, "a/matrix", func([]float32) error { return nil }), tfckpt.ErrUnsupported)
	expectIs(t, tfckpt.ViewValues(r, "a/matrix", func([]int32) error { return nil }), tfckpt.ErrInvalidArgument)
	expectIs(t, tfckpt.ViewValues(r, "a/flag", func([]bool) error { return nil }), tfckpt.ErrInvalidArgument)
	expectIs(t, r.View("b/parts", func([]byte) error { return nil }), tfckpt.ErrUnsupported)
	expectIs(t, r.View("c/words", func([]byte) error { return nil }), tfckpt.ErrUnsupported)
}

func TestViewOfAFileThatIsCutShort(t *testing.T) {
	path := write(t, func(w *tfckpt.Writer) {
		must(t, tfckpt.Add(w, "large", tfckpt.Shape{1 << 20}, make([]uint8, 1<<20)))
	})
	r := open(t, path)
	sum := 0
	err := r.View("large", func(data []byte) error {
		must(t, os.Truncate(path+".data-00000-of-00001", 4096))
		for _, b := range data {
			sum += int(b)
		}
		return nil
	})
	expectIs(t, err, tfckpt.ErrIO)
	// Other panics are the caller's.
	defer func() {
		if said := recover(); said != "mine" {
			t.Error(said)
		}
	}()
	must(t, r.View("large", func([]byte) error { panic("mine") }, tfckpt.WithVerify(false)))
}

func TestOptionsAreRefusedWhereTheyAreNotFor(t *testing.T) {
	prefix := sample(t)
	_, err := tfckpt.Open(prefix, tfckpt.WithShards(2))
	expectIs(t, err, tfckpt.ErrInvalidArgument)
	if want := "tfckpt: WithShards is no option of Open"; err.Error() != want {
		t.Error(err)
	}
	_, err = tfckpt.Open(prefix, tfckpt.WithIndexCache(-1))
	expectIs(t, err, tfckpt.ErrInvalidArgument)
	_, err = tfckpt.Create(prefix+"2", tfckpt.WithShards(0))
	expectIs(t, err, tfckpt.ErrInvalidArgument)
	r := open(t, prefix)
	for _, opt := range []tfckpt.Option{tfckpt.WithMapped(true), tfckpt.WithProgress(nil)} {
		_, err = r.Read("a/flag", nil, opt)
		expectIs(t, err, tfckpt.ErrInvalidArgument)
	}
	for _, opt := range []tfckpt.Option{tfckpt.WithVerify(false), tfckpt.WithMaxInFlight(1)} {
		_, err = r.Verify(t.Context(), opt)
		expectIs(t, err, tfckpt.ErrInvalidArgument)
		_, err = tfckpt.Verify(t.Context(), prefix, opt)
		expectIs(t, err, tfckpt.ErrInvalidArgument)
	}
	_, err = r.Verify(t.Context(), tfckpt.WithMapped(true))
	expectIs(t, err, tfckpt.ErrInvalidArgument)
}

func TestErrors(t *testing.T) {
	kinds := []tfckpt.Code{
		tfckpt.ErrInvalidArgument, tfckpt.ErrNotFound, tfckpt.ErrIO, tfckpt.ErrDataLoss,
		tfckpt.ErrUnsupported, tfckpt.ErrBufferTooSmall, tfckpt.ErrAlreadyExists, tfckpt.ErrCancelled,
		tfckpt.ErrResourceLimit, tfckpt.ErrInternal, tfckpt.ErrClosed,
	}
	for _, kind := range kinds {
		err := fmt.Errorf("wrapped: %w", &tfckpt.Error{Code: kind})
		for _, other := range kinds {
			if errors.Is(err, other) != (other == kind) {
				t.Errorf("%v is %v", err, other)
			}
		}
		for portable, of := range map[error]tfckpt.Code{
			fs.ErrNotExist: tfckpt.ErrNotFound, fs.ErrExist: tfckpt.ErrAlreadyExists, fs.ErrClosed: tfckpt.ErrClosed,
		} {
			if errors.Is(err, portable) != (of == kind) {
				t.Errorf("%v is %v", kind, portable)
			}
		}
	}
	if tfckpt.ErrDataLoss.String() != "DATA_LOSS" || tfckpt.Code(42).String() != "status 42" {
		t.Error(tfckpt.ErrDataLoss.String())
	}
}

func TestErrorsHaveTheirPlace(t *testing.T) {
	_, err := tfckpt.Open("/nowhere/ckpt")
	var e *tfckpt.Error
	if !errors.As(err, &e) || e.Code != tfckpt.ErrNotFound || e.File == "" || e.Shard != -1 || e.Offset != -1 {
		t.Errorf("%+v", e)
	}
	r := open(t, data("hostile", "data_flipped_bit", "ckpt"))
	_, err = r.Read("alpha/kernel", nil)
	if !errors.As(err, &e) || e.Code != tfckpt.ErrDataLoss || e.Tensor != "alpha/kernel" ||
		filepath.Base(e.File) != "ckpt.data-00000-of-00001" || e.Shard != 0 || e.Offset < 0 {
		t.Errorf("%+v", e)
	}
	_, err = r.Lookup("missing")
	if !errors.As(err, &e) || !slices.Equal(e.Missing(), []string{"missing"}) {
		t.Errorf("%+v", e)
	}
}

func TestDTypes(t *testing.T) {
	for number := range tfckpt.DType(34) {
		if number == 0 {
			continue
		}
		parsed, err := tfckpt.ParseDType(number.String())
		if err != nil || parsed != number {
			t.Errorf("%v: %v", number, err)
		}
		text, _ := number.MarshalText()
		var back tfckpt.DType
		if err := back.UnmarshalText(text); err != nil || back != number {
			t.Error(number, err)
		}
	}
	if tfckpt.Half.String() != "DT_HALF" || tfckpt.Half.Size() != 2 || tfckpt.String.Size() != 0 {
		t.Error(tfckpt.Half)
	}
	if tfckpt.DTypeOf[weight]() != tfckpt.Float || tfckpt.DTypeOf[tfckpt.BFloat16]() != tfckpt.BFloat16Type {
		t.Error("of Go types")
	}
	if tfckpt.DType(1000).String() != "dtype 1000" {
		t.Error(tfckpt.DType(1000))
	}
	_, err := tfckpt.ParseDType("DT_NONE")
	expectIs(t, err, tfckpt.ErrInvalidArgument)
	if tfckpt.Version() == "" {
		t.Error("no version")
	}
}
