// What a program on OpenCV alone does with one file: read, filter2D, write. The peer of
// `conv-cli apply` in tools/bench-commands.sh.
//
//   opencv_command KERNEL_SIZE INPUT OUTPUT      random kernel of that size that sums to one
//   opencv_command 0 INPUT OUTPUT                no filter: what decoding and encoding take
#include <cstdlib>
#include <iostream>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

int main(int count, char** arguments) {
    if (count != 4) {
        std::cerr << "use: opencv_command KERNEL_SIZE INPUT OUTPUT\n";
        return 2;
    }
    const int size = std::atoi(arguments[1]);
    cv::Mat picture = cv::imread(arguments[2], cv::IMREAD_UNCHANGED);
    if (picture.empty()) return 1;
    if (size > 0) {
        cv::Mat kernel(size, size, CV_32F), result;
        cv::theRNG().state = 1;
        cv::randu(kernel, 0, 1);
        kernel /= cv::sum(kernel)[0];
        cv::filter2D(picture, result, -1, kernel);
        picture = result;
    }
    return cv::imwrite(arguments[3], picture) ? 0 : 1;
}
