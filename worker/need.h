// How much work a worker wants now.
#ifndef MINNOW_WORKER_NEED_H_
#define MINNOW_WORKER_NEED_H_

namespace minnow::worker {

struct Need {
  double seconds = 0;    // as one thread's time
  int idle_threads = 0;  // that have nothing to do; 0: the queue is low, and there is no hurry
};

}  // namespace minnow::worker

#endif  // MINNOW_WORKER_NEED_H_
