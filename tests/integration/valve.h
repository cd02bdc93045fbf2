// A connection to a server that is held up in the middle.
#ifndef MINNOW_TESTS_INTEGRATION_VALVE_H_
#define MINNOW_TESTS_INTEGRATION_VALVE_H_

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

namespace minnow {

// Listens on loopback and passes one connection on to a server. Of what the server sends it passes so many bytes and no
// more; what is sent to the server always goes through.
class Valve {
 public:
  Valve(const std::string& server_port, int64_t bytes_from_server);
  ~Valve();  // ends the connection
  Valve(const Valve&) = delete;
  Valve& operator=(const Valve&) = delete;

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

  // Waits until nothing of what the server sends passes any more. False after half a minute.
  bool WaitUntilShut();

 private:
  void Serve();
  void Pass(int from, int to, int64_t bytes);

  const int server_port_;
  const int64_t bytes_from_server_;
  int listener_ = -1;
  int port_ = 0;
  int client_ = -1;
  int server_ = -1;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool shut_ = false;    // guarded by mutex_
  bool ending_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace minnow

#endif  // MINNOW_TESTS_INTEGRATION_VALVE_H_
