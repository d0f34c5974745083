package tfckpt_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"

	tfckpt "github.com/tfckpt/tfckpt/bindings/go"
)

// model writes the checkpoint that the examples read, and returns its prefix and what removes
// it.
func model() (string, func()) {
	dir, err := os.MkdirTemp("", "tfckpt")
	if err != nil {
		log.Fatal(err)
	}
	prefix := filepath.Join(dir, "ckpt-1")
	w, err := tfckpt.Create(prefix)
	if err != nil {
		log.Fatal(err)
	}
	defer w.Abort()
	if err := errors.Join(
		tfckpt.Add(w, "dense/kernel", tfckpt.Shape{2, 3}, []float32{1, 2, 3, 4, 5, 6}),
		tfckpt.Add(w, "global_step", nil, []int64{1000}),
		w.AddStrings("labels", tfckpt.Shape{2}, []string{"cat", "dog"}),
	); err != nil {
		log.Fatal(err)
	}
	if err := w.Finish(); err != nil {
		log.Fatal(err)
	}
	return prefix, func() { os.RemoveAll(dir) }
}

func Example() {
	prefix, remove := model()
	defer remove()

	r, err := tfckpt.Open(prefix)
	if err != nil {
		log.Fatal(err)
	}
	defer r.Close()
	for name, tensor := range r.All() {
		fmt.Println(name, tensor.DType, tensor.Shape)
	}
	kernel, err := tfckpt.Values[float32](r, "dense/kernel")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(kernel)
	// Output:
	// dense/kernel DT_FLOAT [2,3]
	// global_step DT_INT64 []
	// labels DT_STRING [2]
	// [1 2 3 4 5 6]
}

func ExampleCreate() {
	dir, err := os.MkdirTemp("", "tfckpt")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	w, err := tfckpt.Create(filepath.Join(dir, "ckpt-1"))
	if err != nil {
		log.Fatal(err)
	}
	defer w.Abort() // does nothing after Finish
	if err := tfckpt.Add(w, "bias", tfckpt.Shape{3}, []float32{1, 2, 3}); err != nil {
		log.Fatal(err)
	}
	if err := w.Finish(); err != nil {
		log.Fatal(err)
	}
	latest, err := filepath.Glob(filepath.Join(dir, "*"))
	for _, path := range latest {
		fmt.Println(filepath.Base(path))
	}
	fmt.Println(err)
	// Output:
	// ckpt-1.data-00000-of-00001
	// ckpt-1.index
	// <nil>
}

func ExampleError() {
	prefix, remove := model()
	defer remove()
	r, err := tfckpt.Open(prefix)
	if err != nil {
		log.Fatal(err)
	}
	defer r.Close()

	err = r.ReadMany(context.Background(), []tfckpt.Request{{Name: "dense/kernel"}, {Name: "dense/bias"}, {Name: "step"}})
	var e *tfckpt.Error
	if errors.As(err, &e) {
		fmt.Println(e.Missing())
	}
	fmt.Println(errors.Is(err, tfckpt.ErrNotFound), errors.Is(err, os.ErrNotExist))
	// Output:
	// [dense/bias step]
	// true true
}

func ExampleReader_ReadMany() {
	prefix, remove := model()
	defer remove()
	r, err := tfckpt.Open(prefix)
	if err != nil {
		log.Fatal(err)
	}
	defer r.Close()

	kernel, step := make([]float32, 6), make([]int64, 1)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	err = r.ReadMany(ctx, []tfckpt.Request{
		tfckpt.Into("dense/kernel", kernel),
		tfckpt.Into("global_step", step),
	}, tfckpt.WithThreads(4))
	fmt.Println(kernel, step, err)
	// Output: [1 2 3 4 5 6] [1000] <nil>
}

func ExampleValuesSlice() {
	prefix, remove := model()
	defer remove()
	r, err := tfckpt.Open(prefix)
	if err != nil {
		log.Fatal(err)
	}
	defer r.Close()

	column := tfckpt.Slice{Starts: []int64{0, 2}, Lengths: []int64{tfckpt.All, 1}}
	fmt.Println(tfckpt.ValuesSlice[float32](r, "dense/kernel", column))
	// Output: [3 6] <nil>
}

func ExampleReader_ReadStrings() {
	prefix, remove := model()
	defer remove()
	r, err := tfckpt.Open(prefix)
	if err != nil {
		log.Fatal(err)
	}
	defer r.Close()

	fmt.Println(r.ReadStrings("labels"))
	// Output: [cat dog] <nil>
}

func ExampleReader_View() {
	prefix, remove := model()
	defer remove()
	r, err := tfckpt.Open(prefix)
	if err != nil {
		log.Fatal(err)
	}
	defer r.Close()

	var sum float32
	err = tfckpt.ViewValues(r, "dense/kernel", func(values []float32) error {
		for _, value := range values {
			sum += value
		}
		return nil
	})
	fmt.Println(sum, err)
	// Output: 21 <nil>
}

func ExampleReader_Section() {
	prefix, remove := model()
	defer remove()
	r, err := tfckpt.Open(prefix)
	if err != nil {
		log.Fatal(err)
	}
	defer r.Close()

	section, err := r.Section("global_step")
	if err != nil {
		log.Fatal(err)
	}
	var content bytes.Buffer
	n, err := section.WriteTo(&content)
	fmt.Println(n, content.Bytes(), err)
	// Output: 8 [232 3 0 0 0 0 0 0] <nil>
}

func ExampleWriter_Stream() {
	dir, err := os.MkdirTemp("", "tfckpt")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	w, err := tfckpt.Create(filepath.Join(dir, "ckpt"))
	if err != nil {
		log.Fatal(err)
	}
	defer w.Abort()

	s, err := w.Stream("text", tfckpt.UInt8, tfckpt.Shape{12})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Fprintf(s, "%s, %s", "hello", "world")
	fmt.Println(s.Close(), w.Finish())
	// Output: <nil> <nil>
}

func ExampleMerge() {
	prefix, remove := model()
	defer remove()

	dst := prefix + "-merged"
	fmt.Println(tfckpt.Merge(context.Background(), dst, []string{prefix}, tfckpt.WithTransfer(tfckpt.TransferLink)))
	report, err := tfckpt.Verify(context.Background(), dst)
	fmt.Println(report.OK(), report.Tensors, err)
	// Output:
	// <nil>
	// true 3 <nil>
}
