// What all that calls TensorFlow needs of it. Only theirs/ knows TensorFlow's headers.
#pragma once

#include <stdexcept>

#include "tensorflow/core/framework/tensor.h"
#include "tensorflow/core/platform/env.h"
#include "tensorflow/core/protobuf/tensor_bundle.pb.h"
#include "tensorflow/core/util/tensor_bundle/tensor_bundle.h"

namespace theirs {

namespace tf = tensorflow;

inline void check(const absl::Status& status) {
    if (!status.ok()) throw std::runtime_error("TensorFlow: " + status.ToString());
}

// A tensor around memory that somebody else owns.
tf::Tensor borrow(void* data, size_t bytes, const tf::TensorShape& shape);

}  // namespace theirs
