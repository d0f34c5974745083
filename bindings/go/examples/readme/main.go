package main

import (
	"fmt"
	"log"

	tfckpt "github.com/tfckpt/tfckpt/bindings/go"
)

func main() {
	if err := save("model/ckpt-1"); err != nil {
		log.Fatal(err)
	}
	if err := show("model/ckpt-1"); err != nil {
		log.Fatal(err)
	}
}

func save(prefix string) error {
	w, err := tfckpt.Create(prefix)
	if err != nil {
		return err
	}
	defer w.Abort() // does nothing after Finish
	if err := tfckpt.Add(w, "dense/kernel", tfckpt.Shape{2, 3}, []float32{1, 2, 3, 4, 5, 6}); err != nil {
		return err
	}
	if err := w.AddStrings("labels", tfckpt.Shape{2}, []string{"cat", "dog"}); err != nil {
		return err
	}
	return w.Finish()
}

func show(prefix string) error {
	r, err := tfckpt.Open(prefix)
	if err != nil {
		return err
	}
	defer r.Close()
	for name, tensor := range r.All() {
		fmt.Println(name, tensor.DType, tensor.Shape)
	}
	kernel, err := tfckpt.Values[float32](r, "dense/kernel")
	fmt.Println(kernel)
	return err
}
