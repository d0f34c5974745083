package tfckpt_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	tfckpt "github.com/tfckpt/tfckpt/bindings/go"
)

func TestReadMany(t *testing.T) {
	r := open(t, sample(t))
	matrix, bools := make([]float32, 6), make([]bool, 3)
	requests := []tfckpt.Request{
		{Name: "b/parts"},
		tfckpt.Into("a/matrix", matrix),
		tfckpt.Into("d/odd bools", bools),
		{Name: "a/matrix", Slice: tfckpt.Slice{Starts: []int64{1, 0}, Lengths: []int64{1, tfckpt.All}}},
		{Name: "empty"},
		tfckpt.Into("empty", []float32(nil)),
	}
	must(t, r.ReadMany(t.Context(), requests, tfckpt.WithThreads(2), tfckpt.WithMaxInFlight(1<<20)))
	if !slices.Equal(matrix, []float32{1, 2, 3, 4, 5, 6}) || !slices.Equal(bools, []bool{false, true, true}) {
		t.Error(matrix, bools)
	}
	all, err := r.Read("b/parts", nil)
	must(t, err)
	if !bytes.Equal(requests[0].Dst, all) || len(requests[3].Dst) != 12 || requests[4].Dst == nil {
		t.Errorf("%+v", requests)
	}
	must(t, r.ReadMany(t.Context(), nil))
	empty := []tfckpt.Request{{Name: "empty"}}
	if err := r.ReadMany(t.Context(), empty); err != nil || empty[0].Dst == nil {
		t.Error(empty, err)
	}
}

func TestReadManyListsAllThatIsMissing(t *testing.T) {
	r := open(t, sample(t))
	err := r.ReadMany(t.Context(), []tfckpt.Request{
		{Name: "none"}, {Name: "a/matrix"}, {Name: "nor this", Dst: make([]byte, 4)}, tfckpt.Into("nowhere", []int8{0}),
	})
	var e *tfckpt.Error
	if !errors.As(err, &e) || !errors.Is(err, tfckpt.ErrNotFound) {
		t.Fatal(err)
	}
	missing := slices.Sorted(slices.Values(e.Missing()))
	if !slices.Equal(missing, []string{"none", "nor this", "nowhere"}) {
		t.Error(missing)
	}
}

func TestReadManyRefuses(t *testing.T) {
	r := open(t, sample(t))
	memory := make([]byte, 40)
	for _, c := range []struct {
		code     tfckpt.Code
		requests []tfckpt.Request
	}{
		{tfckpt.ErrInvalidArgument, []tfckpt.Request{{Name: "c/words"}}},
		{tfckpt.ErrInvalidArgument, []tfckpt.Request{tfckpt.Into("a/matrix", make([]int32, 6))}},
		{tfckpt.ErrInvalidArgument, []tfckpt.Request{{Name: "a/matrix", Slice: tfckpt.Slice{Starts: []int64{1}}}}},
		{tfckpt.ErrInvalidArgument, []tfckpt.Request{{Name: "a/matrix", Dst: memory}, {Name: "b/parts", Dst: memory[8:]}}},
		{tfckpt.ErrBufferTooSmall, []tfckpt.Request{{Name: "a/matrix", Dst: memory[:4]}}},
	} {
		expectIs(t, r.ReadMany(t.Context(), c.requests), c.code)
	}
	must(t, r.Close())
	expectIs(t, r.ReadMany(t.Context(), []tfckpt.Request{{Name: "a/flag"}}), tfckpt.ErrClosed)
	expectIs(t, r.ReadMany(t.Context(), []tfckpt.Request{{Name: "a/flag", Dst: memory}}), tfckpt.ErrClosed)
}

func TestReadManyOfManySizes(t *testing.T) {
	const count = 3000
	content := func(i int) []byte { return bytes.Repeat([]byte{byte(i), 1}, i*13) }
	path := write(t, func(w *tfckpt.Writer) {
		for i := range count {
			must(t, tfckpt.Add(w, fmt.Sprintf("t%05d", i), tfckpt.Shape{int64(i * 26)}, content(i)))
		}
	}, tfckpt.WithShards(3))
	r := open(t, path)
	requests := make([]tfckpt.Request, count)
	for i := range requests {
		requests[i].Name = fmt.Sprintf("t%05d", count-1-i)
		if i%3 == 0 {
			requests[i].Dst = make([]byte, len(content(count-1-i)))
		}
	}
	must(t, r.ReadMany(t.Context(), requests, tfckpt.WithThreads(4)))
	for i, request := range requests {
		if !bytes.Equal(request.Dst, content(count-1-i)) {
			t.Fatal(request.Name)
		}
		if cap(request.Dst) != len(request.Dst) {
			t.Fatalf("%s: one could append to it what is another's", request.Name)
		}
	}
}

// large is a checkpoint that takes some time to read.
func large(t testing.TB) string {
	return write(t, func(w *tfckpt.Writer) {
		values := make([]float32, 8<<20)
		for i := range 4 {
			must(t, tfckpt.Add(w, fmt.Sprint(i), tfckpt.Shape{8 << 20}, values))
		}
	})
}

func TestContexts(t *testing.T) {
	path := large(t)
	r := open(t, path)
	why := errors.New("why")
	dst := make([]byte, 32<<20)
	calls := map[string]func(context.Context) error{
		"ReadMany": func(ctx context.Context) error {
			return r.ReadMany(ctx, []tfckpt.Request{{Name: "3", Dst: dst}})
		},
		"Verify": func(ctx context.Context) error { _, err := tfckpt.Verify(ctx, path); return err },
		"Copy":   func(ctx context.Context) error { return tfckpt.Copy(ctx, t.TempDir()+"/c", path) },
		"Merge": func(ctx context.Context) error {
			return tfckpt.Merge(ctx, t.TempDir()+"/m", []string{path}, tfckpt.WithSync(false))
		},
	}
	for name, call := range calls {
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(why)
		err := call(ctx)
		expectIs(t, err, tfckpt.ErrCancelled)
		if !errors.Is(err, why) || ctx.Err() == nil {
			t.Errorf("%s: %v", name, err)
		}
		must(t, call(t.Context()))
		// Done after the call has begun, or before: it is that, or all is well.
		ctx, cancel = context.WithCancelCause(t.Context())
		go cancel(why)
		if err := call(ctx); err != nil && !errors.Is(err, why) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A context that is done while C reads ends the reading. Only a call that is at work knows the
// progress, so it is tried until one was.
func TestContextEndsACallInFlight(t *testing.T) {
	r := open(t, large(t))
	requests := make([]tfckpt.Request, 4)
	for i := range requests {
		requests[i] = tfckpt.Request{Name: fmt.Sprint(i), Dst: make([]byte, 32<<20)}
	}
	for range 100 {
		ctx, cancel := context.WithCancel(t.Context())
		// The last value that is written when all is read.
		requests[0].Dst[0], requests[3].Dst[32<<20-1] = 1, 1
		stop := make(chan struct{})
		go func() { cancel(); close(stop) }()
		err := r.ReadMany(ctx, requests)
		<-stop
		if err == nil {
			continue // it was too quick
		}
		if !errors.Is(err, context.Canceled) || !errors.Is(err, tfckpt.ErrCancelled) {
			t.Fatal(err)
		}
		if requests[0].Dst[0] == 0 && requests[3].Dst[32<<20-1] == 1 {
			return // begun, and not ended
		}
	}
	t.Error("no call was ended while it was at work")
}

func TestReadManyIntoPartsOfALargerArray(t *testing.T) {
	r := open(t, sample(t))
	// Two rows of four, of which the matrix takes columns 1 to 3.
	array := []float32{-1, -1, -1, -1, -1, -1, -1, -1}
	request := tfckpt.Into("a/matrix", array[1:])
	request.Strides = []int64{16, 4}
	must(t, r.ReadMany(t.Context(), []tfckpt.Request{request}))
	if !slices.Equal(array, []float32{-1, 1, 2, 3, -1, 4, 5, 6}) {
		t.Error(array)
	}
	// The first column of it, two apart.
	column := []float32{-1, -1, -1}
	request = tfckpt.Into("a/matrix", column)
	request.Slice = tfckpt.Slice{Starts: []int64{0, 0}, Lengths: []int64{tfckpt.All, 1}}
	request.Strides = []int64{8, 4}
	must(t, r.ReadMany(t.Context(), []tfckpt.Request{request}))
	if !slices.Equal(column, []float32{1, -1, 4}) {
		t.Error(column)
	}
	for _, strides := range [][]int64{{8}, {-8, 4}, {2, 4}, {8, 4, 4}} {
		request.Strides = strides
		expectIs(t, r.ReadMany(t.Context(), []tfckpt.Request{request}), tfckpt.ErrInvalidArgument)
	}
	nowhere := tfckpt.Request{Name: "a/matrix", Strides: []int64{16, 4}}
	expectIs(t, r.ReadMany(t.Context(), []tfckpt.Request{nowhere}), tfckpt.ErrInvalidArgument)
}

func TestAddMany(t *testing.T) {
	half := tfckpt.Slice{Starts: []int64{1}, Lengths: []int64{1}}
	requests := []tfckpt.WriteRequest{
		tfckpt.From("floats", tfckpt.Shape{2, 2}, []float32{1, 2, 3, 4}),
		tfckpt.From("scalar", nil, []int64{5}),
		tfckpt.From("empty", tfckpt.Shape{0}, []int8(nil)),
		{Name: "part", DType: tfckpt.UInt16, Shape: tfckpt.Shape{2}, Slice: half, Data: []byte{1, 2}},
	}
	path := write(t, func(w *tfckpt.Writer) {
		must(t, w.AddMany(t.Context(), requests, tfckpt.WithThreads(2), tfckpt.WithMaxInFlight(1<<20)))
		must(t, w.AddMany(t.Context(), nil))
	})
	r := open(t, path)
	floats, err := tfckpt.Values[float32](r, "floats")
	must(t, err)
	scalar, err := tfckpt.Values[int64](r, "scalar")
	must(t, err)
	if !slices.Equal(floats, []float32{1, 2, 3, 4}) || !slices.Equal(scalar, []int64{5}) {
		t.Error(floats, scalar)
	}
}

func TestAddManyRefuses(t *testing.T) {
	right := tfckpt.From("right", tfckpt.Shape{2}, []float32{1, 2})
	write(t, func(w *tfckpt.Writer) {
		for _, c := range []struct {
			code  tfckpt.Code
			wrong tfckpt.WriteRequest
		}{
			{tfckpt.ErrInvalidArgument, tfckpt.From("wrong", tfckpt.Shape{3}, []float32{1, 2})},
			{tfckpt.ErrInvalidArgument, tfckpt.From("", tfckpt.Shape{2}, []float32{1, 2})},
			{tfckpt.ErrInvalidArgument, tfckpt.WriteRequest{Name: "w", DType: tfckpt.Float, Shape: tfckpt.Shape{2},
				Slice: tfckpt.Slice{Starts: []int64{0, 0}, Lengths: []int64{1, 1}}, Data: make([]byte, 4)}},
			{tfckpt.ErrAlreadyExists, right},
		} {
			expectIs(t, w.AddMany(t.Context(), []tfckpt.WriteRequest{right, c.wrong}), c.code)
		}
		expectIs(t, w.AddMany(t.Context(), nil, tfckpt.WithVerify(false)), tfckpt.ErrInvalidArgument)
		done, cancel := context.WithCancel(t.Context())
		cancel()
		expectIs(t, w.AddMany(done, []tfckpt.WriteRequest{right}), tfckpt.ErrCancelled)
		// Nothing of all that was added.
		must(t, w.AddMany(t.Context(), []tfckpt.WriteRequest{right}))
	})
}
