File: shop
Build ID: 0123abcd
Type: cpu
Time: 2023-11-14 22:13:20 UTC
Duration: 10s, Total samples = 110ms ( 1.10%)
Active filters:
   show_from=serve\.c
Showing nodes accounting for 100ms, 90.91% of 110ms total
      flat  flat%   sum%        cum   cum%
      40ms 36.36% 36.36%       40ms 36.36%  idle
      30ms 27.27% 63.64%       30ms 27.27%  hash
      20ms 18.18% 81.82%       20ms 18.18%  allocate
      10ms  9.09% 90.91%       60ms 54.55%  work
         0     0% 90.91%      100ms 90.91%  serve
